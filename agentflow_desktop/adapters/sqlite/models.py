"""The tables as peewee sees them, for queries over costs.

Queries name their database (``query.bind(database.orm)``): models belong to no connection. Hot
paths write plain SQL instead. Amounts are integer nano-dollars, times ISO text ending in Z.
"""

import peewee


class BudgetTotal(peewee.Model):
    """Running sums of a scope: ``run:ID``, ``day:2026-11-23`` or ``month:2026-11``."""

    scope = peewee.TextField(primary_key=True)
    calls = peewee.IntegerField()
    spent_nusd = peewee.BigIntegerField()
    reserved_nusd = peewee.BigIntegerField()
    input_tokens = peewee.IntegerField()
    output_tokens = peewee.IntegerField()

    class Meta:
        table_name = "budget_totals"

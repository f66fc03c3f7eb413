"""The tables as peewee sees them, for queries over history and costs.

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


class Run(peewee.Model):
    """One run in history."""

    run_id = peewee.TextField(primary_key=True)
    kind = peewee.TextField()
    title = peewee.TextField()
    title_folded = peewee.TextField()
    state = peewee.TextField()
    started_at = peewee.TextField()
    ended_at = peewee.TextField(null=True)
    cost_nusd = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "runs"


class RunEventRow(peewee.Model):
    """One stored event of a run, as JSON."""

    run_id = peewee.TextField()
    sequence = peewee.IntegerField()
    body = peewee.TextField()

    class Meta:
        table_name = "run_events"
        primary_key = False

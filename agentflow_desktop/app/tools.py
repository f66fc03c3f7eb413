"""What ``--tool NAME`` runs: the program's own child processes. Imports each only when asked."""

from agentflow_desktop.core.errors import InputRefused


def run_tool(name: str) -> int:
    """Run a child process's main and give its exit code. Raises InputRefused for other names."""
    if name == "reader":
        from agentflow_desktop.adapters.readers.worker import serve

        return serve()
    if name == "page-image":
        from agentflow_desktop.adapters.readers.page_worker import serve as serve_pages

        return serve_pages()
    raise InputRefused(
        f"There is no tool named {name!r}.", hint="The tools are: reader, page-image."
    )

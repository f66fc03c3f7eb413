"""Chooses the face: no arguments open the window, any are a command, ``--tool`` is a child."""

import sys


def main() -> int:
    """Run the face that the arguments ask for and give its exit code."""
    arguments = sys.argv[1:]
    if not arguments:
        from agentflow_desktop.desktop.application import main as open_window

        return open_window()
    if arguments == ["--tool", "print-pdf"]:  # the one child process that needs Qt
        from agentflow_desktop.desktop.print_pdf import main as print_pdf

        return print_pdf()
    if arguments[0] == "--tool" and len(arguments) > 1:
        from agentflow_desktop.app.tools import run_tool

        return run_tool(arguments[1])
    from agentflow_desktop.cli.main import main as run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())

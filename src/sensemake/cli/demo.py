"""`sensemake demo`: a made-up organisation, taken in and asked."""

from sensemake.cli.command import Call, command


@command("demo", "sensemake demo", "sensemake demo --home demo-home")
def demo(call: Call) -> None:
    """Try it on a made-up organisation.

    Takes in its documents, and shows a search, a who-knows, the themes and the report.
    """
    from sensemake.demo import run_demo

    run_demo(call.settings(), call.screen)

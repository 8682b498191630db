//! A small mix of all scenarios within a minute, on hubs that it starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::arguments::OutputArguments;
use crate::clock;
use crate::conductor::{Ground, Kind};
use crate::judged;
use crate::plan::{Plan, Scenario};
use crate::program::{display, say_report};
use crate::progress::say;
use crate::start::Wish;

/// Who vanished holding a chapter loses it within the run.
const TIMERS: [&str; 2] = ["grace_ms=2s", "drain_ms=500ms"];
/// Those that one hub can serve.
const ON_ONE_HUB: [Scenario; 8] = [
    Scenario::Idle,
    Scenario::Fanout,
    Scenario::Books,
    Scenario::Locks,
    Scenario::Churn,
    Scenario::Jitter,
    Scenario::Typing,
    Scenario::Exports,
];
/// Those that need several.
const ON_SEVERAL_HUBS: [Scenario; 3] = [Scenario::Cross, Scenario::Avalanche, Scenario::Rolling];
const REPLICAS: u32 = 3;

/// Runs all scenarios; true if nothing is wrong with any.
pub(crate) async fn runs(binary: Option<&PathBuf>, output: &OutputArguments) -> Result<bool, String> {
    let binary = binary.map_or_else(built, |binary| Ok(binary.clone()))?;
    let wish =
        Wish { binary, replicas: 1, redis: false, limits: Vec::new(), timers: TIMERS.map(str::to_owned).to_vec() };
    let start = clock::now();
    let mut is_right = runs_on(&wish, &ON_ONE_HUB, output).await?;
    if Command::new("redis-server").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        let wish = Wish { replicas: REPLICAS, redis: true, ..wish };
        is_right &= runs_on(&wish, &ON_SEVERAL_HUBS, output).await?;
    } else {
        say(
            &mut std::io::stderr(),
            "no redis-server is installed: one hub is killed and restarted, and cross is left out\n",
        );
        is_right &= runs_on(&wish, &ON_SEVERAL_HUBS[1..], output).await?;
    }
    let verdict = if is_right { "nothing is wrong" } else { "something is wrong" };
    say(&mut std::io::stdout(), &format!("quick: {verdict}, {} s\n", clock::since(start).as_secs()));
    Ok(is_right)
}

async fn runs_on(wish: &Wish, scenarios: &[Scenario], output: &OutputArguments) -> Result<bool, String> {
    let mut ground = Ground::start(wish).await?;
    let mut is_right = true;
    for scenario in scenarios {
        let (urls, tokens) = ground.to_connect()?;
        let plan = small(Plan::new(*scenario, urls, tokens));
        let report = judged::reports(&plan, &mut ground, Kind::Processes, &mut display(*scenario, output)).await?;
        let folder = output.out.as_ref().map(|folder| folder.join(scenario.name()));
        say_report(&report, folder.as_deref(), None)?;
        is_right &= report.is_right();
    }
    Ok(is_right)
}

/// Of a size that two busy cores play in time.
fn small(plan: Plan) -> Plan {
    let plan = Plan { workers: 2, chapters: 8, load_ms: 1_500, cut_every_ms: 800, cut_for_ms: 300, ..plan };
    match plan.scenario {
        Scenario::Idle => Plan { tabs: 100, books: 10, ..plan },
        Scenario::Fanout | Scenario::Cross => Plan { tabs: 100, ..plan },
        Scenario::Books | Scenario::Jitter => Plan { tabs: 60, books: 6, rate: 150.0, ..plan },
        Scenario::Locks => Plan { tabs: 30, people: 12, chapters: 3, rate: 150.0, ..plan },
        Scenario::Churn => Plan { tabs: 40, books: 4, rate: 60.0, ..plan },
        Scenario::Typing | Scenario::Exports => {
            Plan { tabs: 48, books: 2, chapters: 4, rate: 80.0, load_ms: 2_500, ..plan }
        }
        // Tabs come back within a second or two.
        Scenario::Avalanche | Scenario::Rolling => Plan { tabs: 60, books: 6, rate: 150.0, load_ms: 3_000, ..plan },
    }
}

/// The hub beside this program; in the project's own build folder it is built first, so that it is no older than this.
fn built() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let hub = program.with_file_name("quire");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let profile = program.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let flags: &[&str] = match profile {
        "release" => &["--release"],
        "debug" => &[],
        _ => return if hub.is_file() { Ok(hub) } else { Err(how_to_build(&hub)) },
    };
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--package", "quire", "--bin", "quire"]).args(flags).current_dir(project);
    match cargo.stdin(Stdio::null()).stdout(Stdio::null()).status() {
        Ok(status) if status.success() && hub.is_file() => Ok(hub),
        // Whoever has no cargo may have a hub.
        Err(_) if hub.is_file() => Ok(hub),
        _ => Err(how_to_build(&hub)),
    }
}

fn how_to_build(hub: &Path) -> String {
    format!("there is no hub at {}: build it with `cargo build --release`, or give --hub-binary PATH", hub.display())
}

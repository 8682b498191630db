//! What `deploy/` says about the hub is true: its files parse, and the metrics, settings, paths and times in them exist.
//!
//! Nothing is copied here: names come from where the hub declares them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use quire::server::{DRAIN_SLACK, LAST_ANSWERS};
use quire::telemetry::metric;
use quire_protocol::{CloseCode, Rejection, Timers};
use serde_json::Value;

/// Where routes, and the labels of metrics, are declared.
const ROUTES: &str = include_str!("../../src/server/routes.rs");
const METRICS: &str = include_str!("../../src/telemetry/metric.rs");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Name and text of every file; whatever was made to be secret is not ours.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true if path.ends_with("secrets") => {}
                true => folders.push(path),
                false => found.push((path.display().to_string(), fs::read_to_string(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

fn yaml(name: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All texts under this key, wherever it is.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key).and_then(Value::as_str));
            fields.values().for_each(|value| under(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|value| under(value, key, found)),
        _ => {}
    }
}

/// What alerts and board ask Prometheus.
fn expressions() -> Vec<String> {
    let alerts = yaml("prometheus/alerts.yaml");
    let board: Value = serde_json::from_str(&text("grafana/quire.json")).unwrap();
    let mut found = Vec::new();
    alerts.iter().chain([&board]).for_each(|value| under(value, "expr", &mut found));
    assert!(found.len() > 20, "alerts and board ask something");
    found.into_iter().map(ToOwned::to_owned).collect()
}

/// Words of `text` that begin like this.
fn words(text: &str, beginning: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_' && char != '-');
    words.filter(|word| word.len() > beginning.len() && word.starts_with(beginning)).map(Into::into).collect()
}

/// Hears what metrics there are, and records none.
#[derive(Default)]
struct Names(Mutex<BTreeSet<String>>);

impl Recorder for Names {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().insert(name.as_str().to_owned());
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().insert(name.as_str().to_owned());
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        let parts = ["_bucket", "_sum", "_count"].map(|part| format!("{}{part}", name.as_str()));
        self.0.lock().unwrap().extend(parts);
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn exported() -> BTreeSet<String> {
    let names = Names::default();
    metrics::with_local_recorder(&names, metric::describe);
    names.0.into_inner().unwrap()
}

#[test]
fn alerts_board_and_handbook_name_metrics_that_exist() {
    let exported = exported();
    let mut used = BTreeSet::new();
    for text in expressions().into_iter().chain([text("README.md")]) {
        used.extend(words(&text, "quire_"));
    }
    assert!(used.len() > 5, "{used:?}");
    let missing: Vec<_> = used.difference(&exported).collect();
    assert!(missing.is_empty(), "the hub exports no {missing:?}, but {exported:?}");
}

/// `(label, value)` of each selector of one of the hub's metrics, alternatives one by one.
fn selected(expression: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let hub = expression.split("quire_").skip(1);
    let selectors = hub.filter_map(|rest| {
        let (name, selector) = rest.split_once('{')?;
        name.chars().all(|char| char.is_ascii_lowercase() || char == '_').then_some(selector.split_once('}')?.0)
    });
    for (label, values) in selectors.flat_map(|selector| selector.split(", ")).filter_map(|pair| pair.split_once('=')) {
        let values = values.trim_matches(['=', '~', '"']).split('|');
        found.extend(values.map(|value| (label.trim_end_matches('!').to_owned(), value.to_owned())));
    }
    found
}

#[test]
fn labels_that_are_selected_exist_with_these_values() {
    let codes = CloseCode::ALL.map(|code| code.number().to_string());
    let mut checked = 0;
    for expression in expressions() {
        for (label, value) in selected(&expression) {
            let known = match label.as_str() {
                // Prometheus adds these.
                "job" | "instance" => continue,
                "route" => ROUTES.contains(&format!(".route(\"{value}\"")) || value == "/v1/.+",
                "status" => value.parse().is_ok_and(|status: u16| http::StatusCode::from_u16(status).is_ok()),
                "code" => codes.contains(&value),
                "outcome" if Rejection::CODES.contains(&value.as_str()) => true,
                _ => METRICS.contains(&format!("\"{value}\"")),
            };
            assert!(known, "{expression}: no {label} is {value}");
            assert!(METRICS.contains(&format!("\"{label}\" =>")), "{expression}: no metric has the label {label}");
            checked += 1;
        }
    }
    assert!(checked > 5, "{checked} labels were checked");
}

#[test]
fn every_alert_has_its_place_in_the_handbook() {
    let alerts = yaml("prometheus/alerts.yaml");
    let mut names = Vec::new();
    for file in &alerts {
        under(file, "alert", &mut names);
    }
    let handbook = text("README.md");
    for name in names {
        assert!(handbook.contains(&format!("| `{name}` |")), "README.md says what to do about {name}");
    }
    for name in words(&handbook, "Quire") {
        assert!(text("prometheus/alerts.yaml").contains(&format!("alert: {name}\n")), "there is no alert {name}");
    }
}

/// What the program says about its settings.
fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_quire")).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Flags given to the hub: spans of code that begin with one, and whatever follows the program's name.
fn flags(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("--"));
    let runs = text.lines().map(str::trim_start).filter(|line| line.starts_with("quire "));
    spans.chain(runs).flat_map(|part| words(part, "--")).collect()
}

#[test]
fn settings_that_are_used_exist() {
    let help = help();
    let exists = |flag: &str| help.contains(&format!(" {flag} "));
    let mut used = 0;
    for (name, text) in files() {
        let variables = words(&text, "QUIRE_").into_iter();
        let of_variables = variables.map(|name| name.replacen("QUIRE_", "--", 1).to_lowercase().replace('_', "-"));
        for flag in of_variables.chain(flags(&text)) {
            assert!(exists(&flag), "{name}: there is no {flag}");
            used += 1;
        }
    }
    assert!(used > 5, "{used} settings were checked");
}

#[test]
fn everything_that_is_yaml_or_json_parses() {
    for (name, text) in files() {
        match Path::new(&name).extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => assert!(!serde_saphyr::from_multiple::<Value>(&text).unwrap().is_empty(), "{name}"),
            Some("json") => drop(serde_json::from_str::<Value>(&text).unwrap()),
            _ => {}
        }
    }
}

/// The pod of the manifest, and its only container.
fn pod() -> (Value, Value) {
    let objects = yaml("kubernetes.yaml");
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").expect("a deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["containers"].as_array().map(Vec::len), Some(1));
    (pod.clone(), pod["containers"][0].clone())
}

#[test]
fn probes_ask_for_routes_that_exist() {
    let (_, container) = pod();
    let mut asked: Vec<String> = ["startupProbe", "livenessProbe", "readinessProbe"]
        .map(|probe| container[probe]["httpGet"]["path"].as_str().expect("a path").to_owned())
        .into();
    let port =
        |line: &str| line.split("127.0.0.1:7400").nth(1).map(|path| path.trim_end_matches(['"', ']']).to_owned());
    asked.push(text("Containerfile").lines().find_map(port).expect("a health check"));
    let check = |line: &str| line.split(" uri ").nth(1).map(|rest| rest.split(' ').next().unwrap().to_owned());
    asked.push(text("haproxy.cfg").lines().find_map(check).expect("a health check"));
    let scrape = &yaml("prometheus/prometheus.yaml")[0]["scrape_configs"][0]["metrics_path"];
    asked.push(scrape.as_str().unwrap().to_owned());
    for path in asked {
        assert!(ROUTES.contains(&format!(".route(\"{path}\"")), "nothing is at {path}");
    }
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/readyz");
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/healthz", "a lost store is no reason to be killed");
}

#[test]
fn a_replica_has_the_time_to_drain() {
    let longest = Duration::from_millis(Timers::default().drain_ms) + DRAIN_SLACK + LAST_ANSWERS;
    let (pod, container) = pod();
    let seconds = |value: &Value| Duration::from_secs(value.as_u64().expect("whole seconds"));
    let before = seconds(&container["lifecycle"]["preStop"]["sleep"]["seconds"]);
    assert!(before > Duration::ZERO);
    assert!(seconds(&pod["terminationGracePeriodSeconds"]) > before + longest);
    let compose = &yaml("compose.yaml")[0]["services"]["hub"]["stop_grace_period"];
    let given = compose.as_str().and_then(|text| text.strip_suffix('s')?.parse().ok()).expect("whole seconds");
    assert!(Duration::from_secs(given) > longest);
}

#[test]
fn nothing_but_settings_gets_into_the_environment_of_a_pod() {
    let (pod, _) = pod();
    // A service named quire would add QUIRE_PORT and others, and an unknown variable is refused.
    assert_eq!(pod["enableServiceLinks"], false);
}

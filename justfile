# Short names for what is done often. The gate is `tests/run`; `check` is its Rust half and never writes.

check:
    cargo fmt --all --check
    cargo clippy --workspace --exclude quire-press --all-targets --all-features -- -D warnings
    cargo nextest run --workspace --exclude quire-press --all-features

fix:
    cargo fmt --all
    cargo clippy --workspace --exclude quire-press --all-targets --all-features --fix --allow-dirty

# The program that makes PDFs, and its tests. A workspace of crates: the first time takes minutes.
press:
    cargo clippy -p quire-press --profile press --all-targets -- -D warnings
    cargo nextest run -p quire-press --cargo-profile press

# One story, or all whose names contain NAME.
story NAME="stories":
    cargo nextest run --test it {{NAME}}

# The simulation again with one seed.
replay SEED:
    QUIRE_SEED={{SEED}} cargo nextest run --test it simulation

# Fuzzes one target (tests/fuzz/README.md lists them) for some seconds.
fuzz TARGET SECONDS:
    tests/fuzz/run {{TARGET}} {{SECONDS}}

figures:
    cargo bench --bench figures

page:
    cd web && npm ci && npm run build

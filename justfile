# Short names for what is done often. The gate is `tests/run`; `check` is its Rust half and never writes.

check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo nextest run --workspace --all-features

fix:
    cargo fmt --all
    cargo clippy --workspace --all-targets --all-features --fix --allow-dirty

# One story, or all whose names contain NAME.
story NAME="stories":
    cargo nextest run --test it {{NAME}}

# The simulation again with one seed.
replay SEED:
    QUIRE_SEED={{SEED}} cargo nextest run --test it simulation

figures:
    cargo bench --bench figures

page:
    cd web && npm ci && npm run build

//! Compiles the runtime to Wasm, with whichever of the toolchains that `scripts/setup.sh` provides is there.
//!
//! Variables of substrate-wasm-builder that are set already are respected. Without the feature `std` there is
//! nothing to do: that is the Wasm build itself.

fn main() {
    #[cfg(feature = "std")]
    wasm::build();
}

#[cfg(feature = "std")]
mod wasm {
    use std::{env, ffi::OsStr, path::Path, process::Command};
    use substrate_wasm_builder::WasmBuilder;

    /// The target that the chain's executor understands.
    const TARGET: &str = "wasm32v1-none";
    /// The name under which `scripts/setup.sh` links Debian's Rust where rustup cannot download the target.
    const LINKED_TOOLCHAIN: &str = "loopin-wasm";
    /// Which of the two to take: `rustup` or `debian`. Unset: the first that is there.
    const CHOICE: &str = "LOOPIN_WASM_TOOLCHAIN";
    /// Since Rust 1.96 the Wasm linker refuses undefined symbols, which is what the host functions are.
    const FIRST_MINOR_WITH_STRICT_LINKER: u32 = 96;

    const SKIP: &str = "SKIP_WASM_BUILD";
    const TOOLCHAIN: &str = "WASM_BUILD_TOOLCHAIN";
    const WORKSPACE_HINT: &str = "WASM_BUILD_WORKSPACE_HINT";

    /// Builds the runtime, or ends the build with one line that says what is missing.
    pub fn build() {
        println!("cargo::rerun-if-changed=build.rs");
        for variable in [CHOICE, TOOLCHAIN, WORKSPACE_HINT] {
            println!("cargo::rerun-if-env-changed={variable}");
        }

        // The hash lets hardware wallets check what they show; it covers the token's symbol and decimals.
        let mut builder = WasmBuilder::init_with_defaults().enable_metadata_hash("LOOPIN", 12);
        if env::var_os(SKIP).is_none() {
            match prepare() {
                Ok(minor) if minor >= FIRST_MINOR_WITH_STRICT_LINKER => {
                    builder = builder.append_to_rust_flags("-C link-arg=--allow-undefined");
                }
                Ok(_) => {}
                // Cargo prints the line and fails the build.
                Err(problem) => return println!("cargo::error={problem}"),
            }
        }
        builder.build();
    }

    /// Chooses the toolchain and sets the environment for it. Returns the minor version of its Rust.
    fn prepare() -> Result<u32, String> {
        // `cargo clippy` runs its own driver as the compiler of a workspace. The Wasm build is a workspace of
        // its own, and perhaps of another Rust release.
        remove_variable("RUSTC_WORKSPACE_WRAPPER");
        if env::var_os(WORKSPACE_HINT).is_none() {
            let runtime = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
            let workspace = Path::new(&runtime)
                .parent()
                .ok_or("the runtime lies outside the workspace")?;
            set_variable(WORKSPACE_HINT, workspace);
        }

        if let Ok(name) = env::var(TOOLCHAIN) {
            return minor_version(&mut rustup_rustc(&name)).ok_or(format!(
                "{TOOLCHAIN} is '{name}', but `rustup run {name} rustc --version` fails: name an installed toolchain."
            ));
        }

        let compiler = env::var_os("RUSTC").ok_or("build scripts are run by cargo")?;
        let rustup = || has_target(&mut Command::new(&compiler)).then(|| Command::new(&compiler));
        let debian = || {
            has_target(&mut rustup_rustc(LINKED_TOOLCHAIN)).then(|| {
                set_variable(TOOLCHAIN, LINKED_TOOLCHAIN);
                rustup_rustc(LINKED_TOOLCHAIN)
            })
        };
        let choice = env::var(CHOICE).unwrap_or_default();
        match choice.as_str() {
            "" => rustup().or_else(debian),
            "rustup" => rustup(),
            "debian" => debian(),
            other => return Err(format!("{CHOICE} is '{other}': it must be 'rustup' or 'debian'.")),
        }
        .and_then(|mut rustc| minor_version(&mut rustc))
        .ok_or_else(|| {
            let setting = if choice.is_empty() { String::new() } else { format!("{CHOICE}={choice} ") };
            format!("no Rust toolchain here can compile the runtime to Wasm ({TARGET}): run {setting}scripts/setup.sh")
        })
    }

    fn rustup_rustc(toolchain: &str) -> Command {
        let mut command = Command::new("rustup");
        command.args(["run", toolchain, "rustc"]);
        command
    }

    /// Whether this compiler has the libraries of the target.
    fn has_target(rustc: &mut Command) -> bool {
        output(rustc.args(["--print", "target-libdir", "--target", TARGET]))
            .is_some_and(|folder| Path::new(folder.trim()).exists())
    }

    /// The 96 of "rustc 1.96.0 (ac68faa20 2026-05-25)".
    fn minor_version(rustc: &mut Command) -> Option<u32> {
        output(rustc.arg("--version"))?.split('.').nth(1)?.parse().ok()
    }

    fn output(command: &mut Command) -> Option<String> {
        let output = command.output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }

    /// The environment is the only way in which substrate-wasm-builder takes these settings.
    #[allow(unsafe_code)]
    fn set_variable(name: &str, value: impl AsRef<OsStr>) {
        // SAFETY: nothing else uses the environment meanwhile, as this program has not started any thread.
        unsafe { env::set_var(name, value) }
    }

    #[allow(unsafe_code)]
    fn remove_variable(name: &str) {
        // SAFETY: as above.
        unsafe { env::remove_var(name) }
    }
}

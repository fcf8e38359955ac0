//! Finds what would keep a node from running before it opens its database: options that do not go together,
//! a base path that cannot be written to or is full, ports that are taken, a foreign or incomplete chain spec.

use crate::{
    cli::Cli,
    disk::DiskWatch,
    genesis::Genesis,
    service::{self, Executor},
};
use sc_cli::RpcMethods;
use sc_executor::read_embedded_version;
use sc_executor_common::runtime_blob::RuntimeBlob;
use sc_service::{ChainSpec, ChainType, Configuration, config::KeystoreConfig};
use sp_core::storage::Storage;
use sp_crypto_hashing::twox_128;
use std::{
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::Path,
};

/// Checks the configuration of a node that is about to run, the quickest checks first. Returns what executes the
/// runtime, as [`check_chain`] does.
pub fn check(cli: &Cli, disk: &DiskWatch, config: &mut Configuration) -> Result<Executor, String> {
    check_options(cli, config.chain_spec.as_ref())?;
    check_base_path(config.base_path.path())?;
    for path in folders(config) {
        check_folder(path)?;
    }
    disk.check()?;
    for (purpose, option, address) in listen_addresses(config) {
        check_port(purpose, option, address)?;
    }
    check_chain(config)
}

/// Checks the chain to which a node is to belong. Leaves the genesis in the chain spec as built, and returns the
/// executor that built it, so that the runtime is compiled only once.
pub fn check_chain(config: &mut Configuration) -> Result<Executor, String> {
    let executor = service::executor(config);
    let genesis = check_spec(config.chain_spec.as_ref(), &executor)?;
    config.chain_spec.set_storage(genesis);
    Ok(executor)
}

/// Leaves the genesis in a chain spec as built, without asking whether the chain can run.
pub fn build_genesis(spec: &mut dyn ChainSpec, executor: &Executor) -> Result<(), String> {
    let genesis = check_genesis(spec, executor)?;
    spec.set_storage(genesis);
    Ok(())
}

fn check_options(cli: &Cli, spec: &dyn ChainSpec) -> Result<(), String> {
    if cli.sealing.is_some() && spec.chain_type() != ChainType::Development {
        return Err(format!(
            "--sealing is for development chains, and `{}` is none: pass --dev, or leave --sealing out",
            spec.name()
        ));
    }
    // The SDK demands this only of --validator, not of its abbreviations such as --alice.
    let rpc = &cli.run.rpc_params;
    if rpc.rpc_external
        && !rpc.unsafe_rpc_external
        && cli.run.get_keyring().is_some()
        && !matches!(rpc.rpc_methods, RpcMethods::Unsafe)
    {
        return Err(
            "--rpc-external opens the RPC of a validator to everybody: leave it out, or pass \
             --unsafe-rpc-external --rpc-methods safe if others must reach it"
                .into(),
        );
    }
    Ok(())
}

/// Builds the genesis of a chain that a node can run.
fn check_spec(spec: &dyn ChainSpec, executor: &Executor) -> Result<Storage, String> {
    let storage = check_genesis(spec, executor)?;
    // A list of authorities is its length and then the authorities.
    let authorities_key = [twox_128(b"Babe"), twox_128(b"Authorities")].concat();
    if storage
        .top
        .get(&authorities_key)
        .is_none_or(|list| list.first().is_none_or(|length| *length == 0))
    {
        return Err(format!(
            "the chain `{}` has no validators: complete its spec with the session keys of your network's \
             first validators, as chain-specs/README.md shows",
            spec.name()
        ));
    }
    Ok(storage)
}

/// Builds the genesis of a chain of this node's runtime.
fn check_genesis(spec: &dyn ChainSpec, executor: &Executor) -> Result<Storage, String> {
    let name = spec.name();
    let unusable = |error: String| {
        let error = error.trim_end_matches('.');
        format!("the genesis of the chain `{name}` cannot be built: {error}. Check its chain spec")
    };
    let genesis = Genesis::read(spec).map_err(unusable)?;

    let code = genesis
        .code()
        .ok_or_else(|| format!("the spec of the chain `{name}` holds no runtime: export it again"))?;
    let blob = RuntimeBlob::uncompress_if_needed(code).map_err(|error| {
        format!("the runtime in the spec of the chain `{name}` is damaged ({error}): fetch the spec again")
    })?;
    let version = read_embedded_version(&blob)
        .ok()
        .flatten()
        .ok_or_else(|| format!("the runtime in the spec of the chain `{name}` does not say what it is"))?;
    let ours = loopin_runtime::VERSION.spec_name;
    if version.spec_name != ours {
        return Err(format!(
            "the chain `{name}` is run by the runtime `{}`, this node is for `{ours}`: check --chain",
            version.spec_name
        ));
    }
    genesis.build(executor).map_err(unusable)
}

fn check_base_path(path: &Path) -> Result<(), String> {
    let unusable = |error: std::io::Error| {
        format!(
            "cannot write to the base path {}: {error}. Choose a folder that this user can write to with \
             --base-path",
            path.display()
        )
    };
    fs::create_dir_all(path).map_err(unusable)?;
    let probe = path.join(".loopin-node-write-probe");
    fs::write(&probe, b"probe").map_err(unusable)?;
    fs::remove_file(&probe).map_err(unusable)
}

/// The folders that the node makes and writes to.
fn folders(config: &Configuration) -> impl Iterator<Item = &Path> {
    let keystore = match &config.keystore {
        KeystoreConfig::Path { path, .. } => Some(path.as_path()),
        KeystoreConfig::InMemory => None,
    };
    config
        .database
        .path()
        .into_iter()
        .chain(keystore)
        .chain(config.network.net_config_path.as_deref())
}

/// A folder that does not yet exist can be made if the nearest thing above it is a folder.
fn check_folder(path: &Path) -> Result<(), String> {
    match path.ancestors().find(|ancestor| ancestor.exists()) {
        Some(found) if !found.is_dir() => Err(format!(
            "{} is a file, and the node needs a folder there: move it away, or choose another --base-path",
            found.display()
        )),
        _ => Ok(()),
    }
}

/// Everything on which the node will listen: what for, the option that changes it, and where.
fn listen_addresses(config: &Configuration) -> Vec<(&'static str, &'static str, SocketAddr)> {
    let rpc: Vec<SocketAddr> = match &config.rpc.addr {
        Some(endpoints) => endpoints
            .iter()
            .filter(|endpoint| !endpoint.is_optional)
            .map(|endpoint| endpoint.listen_addr)
            .collect(),
        None => vec![SocketAddr::from((Ipv4Addr::LOCALHOST, config.rpc.port))],
    };
    let metrics = config.prometheus_config.iter().map(|prometheus| prometheus.port);
    let peers = config.network.listen_addresses.iter().filter_map(tcp_address);

    rpc.into_iter()
        .map(|address| ("RPC", "--rpc-port", address))
        .chain(metrics.map(|address| ("metrics", "--prometheus-port", address)))
        .chain(peers.map(|address| ("peers", "--port", address)))
        .collect()
}

/// The TCP socket of a multiaddress such as `/ip4/0.0.0.0/tcp/30333`; WebSocket addresses are TCP too.
fn tcp_address(address: &sc_network::Multiaddr) -> Option<SocketAddr> {
    use sc_network::multiaddr::Protocol;
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => IpAddr::V4(ip),
        Protocol::Ip6(ip) => IpAddr::V6(ip),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

fn check_port(purpose: &str, option: &str, address: SocketAddr) -> Result<(), String> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(format!(
            "port {} for {purpose} is taken by another program: stop that program, or choose another port \
             with {option}",
            address.port()
        )),
        // A machine without IPv6 can still listen on IPv4.
        Err(_) if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ok(()),
        Err(error) => Err(format!(
            "cannot listen on {address} for {purpose}: {error}. Choose another address or port with {option}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_reported_with_the_option_that_changes_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(
            check_port("RPC", "--rpc-port", address),
            Err(format!(
                "port {} for RPC is taken by another program: stop that program, or choose another port with \
                 --rpc-port",
                address.port()
            ))
        );
    }

    #[test]
    fn a_file_is_no_base_path() {
        let error = check_base_path(Path::new("/proc/version/loopin")).unwrap_err();
        assert!(
            error.starts_with("cannot write to the base path /proc/version/loopin"),
            "{error}"
        );
    }

    #[test]
    fn a_file_in_place_of_a_folder_is_named() {
        let error = check_folder(Path::new("/proc/version/paritydb/full")).unwrap_err();
        assert!(error.starts_with("/proc/version is a file"), "{error}");
        assert_eq!(check_folder(&std::env::temp_dir().join("not/there/yet")), Ok(()));
    }

    fn executor() -> Executor {
        Executor::builder().build()
    }

    #[test]
    fn the_production_shape_is_no_chain_to_run() {
        let spec = crate::chain_spec::load("production").unwrap();
        let error = check_spec(&spec, &executor()).unwrap_err();
        assert!(error.contains("has no validators"), "{error}");
    }

    #[test]
    fn the_built_in_networks_can_run() {
        for chain in ["dev", "local"] {
            check_spec(&crate::chain_spec::load(chain).unwrap(), &executor()).unwrap();
        }
    }

    #[test]
    fn tcp_ports_are_read_from_listen_addresses() {
        let address = "/ip4/0.0.0.0/tcp/30333/ws".parse().unwrap();
        assert_eq!(tcp_address(&address), Some("0.0.0.0:30333".parse().unwrap()));
        assert_eq!(tcp_address(&"/dns/example.org/tcp/1".parse().unwrap()), None);
    }
}

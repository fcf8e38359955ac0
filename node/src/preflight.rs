//! Finds what would keep a node from running before it opens its database: a foreign or incomplete chain
//! spec, a base path that cannot be written to or is full, ports that are taken.

use sc_executor::read_embedded_version;
use sc_executor_common::runtime_blob::RuntimeBlob;
use sc_service::{ChainSpec, Configuration};
use sp_core::storage::{Storage, well_known_keys};
use sp_crypto_hashing::twox_128;
use std::{
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::Path,
};

/// Checks the configuration of a node that is about to run; `minimum_free_mib` is what must be free on
/// the disk of the database. Leaves the genesis in the chain spec as built, so that nobody after this
/// has to compile and run its runtime once more.
pub fn check(config: &mut Configuration, minimum_free_mib: u64) -> Result<(), sc_cli::Error> {
    let genesis = check_spec(config.chain_spec.as_ref())?;
    config.chain_spec.set_storage(genesis);
    check_base_path(config.base_path.path(), minimum_free_mib)?;
    for (purpose, option, address) in listen_addresses(config) {
        check_port(purpose, option, address)?;
    }
    Ok(())
}

fn check_spec(spec: &dyn ChainSpec) -> Result<Storage, String> {
    let name = spec.name();
    let storage = spec.as_storage_builder().build_storage().map_err(|error| {
        format!("the genesis of the chain `{name}` cannot be built: {error}. Check its chain spec")
    })?;

    let code = storage
        .top
        .get(well_known_keys::CODE)
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

    // A list of authorities is its length and then the authorities.
    let authorities_key = [twox_128(b"Babe"), twox_128(b"Authorities")].concat();
    if storage
        .top
        .get(&authorities_key)
        .is_none_or(|list| list.first().is_none_or(|length| *length == 0))
    {
        return Err(format!(
            "the chain `{name}` has no validators: complete its spec with the session keys of your \
             network's first validators, as chain-specs/README.md shows"
        ));
    }
    Ok(storage)
}

fn check_base_path(path: &Path, minimum_free_mib: u64) -> Result<(), String> {
    let unusable = |error: std::io::Error| {
        format!(
            "cannot write to the base path {}: {error}. Choose a folder that this user can write to with \
             --base-path",
            path.display()
        )
    };
    fs::create_dir_all(path).map_err(unusable)?;
    let free_mib = fs4::available_space(path).map_err(unusable)? / (1024 * 1024);
    if free_mib < minimum_free_mib {
        return Err(format!(
            "{free_mib} MiB are free at the base path {}, and the node stops below {minimum_free_mib} MiB: \
             free some space, choose another --base-path, or lower --db-storage-threshold",
            path.display()
        ));
    }
    let probe = path.join(".loopin-node-write-probe");
    fs::write(&probe, b"probe").map_err(unusable)?;
    fs::remove_file(&probe).map_err(unusable)
}

/// Everything that the node will listen on: what for, the option that changes it, and where.
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
        let error = check_base_path(Path::new("/proc/version/loopin"), 0).unwrap_err();
        assert!(
            error.starts_with("cannot write to the base path /proc/version/loopin"),
            "{error}"
        );
    }

    #[test]
    fn a_disk_that_is_too_full_is_reported() {
        let path = std::env::temp_dir();
        let error = check_base_path(&path, u64::MAX).unwrap_err();
        assert!(error.contains("--db-storage-threshold"), "{error}");
    }

    #[test]
    fn the_production_shape_is_no_chain_to_run() {
        let spec = crate::chain_spec::load("production").unwrap();
        let error = check_spec(&spec).unwrap_err();
        assert!(error.contains("has no validators"), "{error}");
    }

    #[test]
    fn the_built_in_networks_can_run() {
        for chain in ["dev", "local"] {
            check_spec(&crate::chain_spec::load(chain).unwrap()).unwrap();
        }
    }

    #[test]
    fn tcp_ports_are_read_from_listen_addresses() {
        let address = "/ip4/0.0.0.0/tcp/30333/ws".parse().unwrap();
        assert_eq!(tcp_address(&address), Some("0.0.0.0:30333".parse().unwrap()));
        assert_eq!(tcp_address(&"/dns/example.org/tcp/1".parse().unwrap()), None);
    }
}

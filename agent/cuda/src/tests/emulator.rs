//! The kernels on the CPU, compiled by g++ and run by `emulator/`, as a [`Machine`].

use super::ptx::sources_hash;
use crate::{
    CudaError, LibraryStatus,
    machine::{Address, Arguments, Kernel, Machine, Memory},
};
use std::{
    cell::{Cell, RefCell},
    env, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{self, Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    sync::OnceLock,
};

/// Compiles some of the emulator's sources, next to this test's executable, unless that was done before.
pub(super) fn compile(target: &str, sources: &[&str], options: &[&str]) -> PathBuf {
    let emulator = Path::new("emulator");
    let executable = env::current_exe().expect("a test has an executable");
    let hashes = [sources_hash("kernels"), sources_hash("emulator")].concat();
    let name = format!("loopin-cuda-emulator-{}{}", &hashes[..16], &hashes[64..80]);
    let folder = executable.with_file_name(name);
    fs::create_dir_all(&folder).expect("the build folder is writable");
    let target = folder.join(target);
    if target.exists() {
        return target;
    }
    let unfinished = target.with_extension(process::id().to_string());
    let output = Command::new("g++")
        .args(["-std=c++17", "-O2", "-g", "-Wall", "-Wextra", "-Werror"])
        .args(options)
        .args(sources.iter().map(|source| emulator.join(source)))
        .arg("-o")
        .arg(&unfinished)
        .output()
        .expect("g++, which building the node needs too, must be installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::rename(unfinished, &target).expect("the build folder is writable");
    target
}

/// The emulator at the other end of a pipe. A sanitizer finds misaligned accesses and undefined arithmetic, and an
/// access behind an allocation is a fault.
fn executable() -> &'static Path {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        let options = ["-fsanitize=undefined", "-fno-sanitize-recover=all"];
        compile("emulator", &["pipe.cpp", "machine.cpp"], &options)
    })
}

/// A device whose threads run in turns on a CPU.
#[derive(Clone)]
pub(super) struct Emulator {
    process: Rc<RefCell<Process>>,
    /// What was launched aside: it runs as late as it may.
    aside: Rc<RefCell<Vec<(Kernel, u64, Arguments)>>>,
    accounts: Rc<Accounts>,
}

/// What is known of the memory.
struct Accounts {
    /// Bytes that are free.
    free: Cell<u64>,
    /// Most bytes that are given at once.
    largest: Cell<u64>,
    /// Bytes that were cleared.
    cleared: Cell<u64>,
}

impl Emulator {
    /// A machine whose threads and copies take turns in an order that follows from `chance`.
    pub(super) fn new(chance: u64) -> Self {
        let mut child = Command::new(executable())
            .arg(chance.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the emulator starts");
        let process = Process {
            commands: child.stdin.take().expect("piped"),
            answers: child.stdout.take().expect("piped"),
            complaints: child.stderr.take().expect("piped"),
            child,
        };
        Self {
            process: Rc::new(RefCell::new(process)),
            aside: Rc::default(),
            accounts: Rc::new(Accounts {
                free: Cell::new(1 << 30),
                largest: Cell::new(u64::MAX),
                cleared: Cell::default(),
            }),
        }
    }

    /// The same with less memory.
    pub(super) fn with_memory(chance: u64, available: u64) -> Self {
        let emulator = Self::new(chance);
        emulator.accounts.free.set(available);
        emulator
    }

    /// Has the memory in pieces, as where other programs hold some of it in between.
    pub(super) fn limit_pieces(&self, largest: u64) {
        self.accounts.largest.set(largest);
    }

    /// Leaves no memory, as a client's program does.
    pub(super) fn take_the_rest(&self) {
        self.accounts.free.set(0);
    }

    /// Bytes that were cleared so far.
    pub(super) fn cleared(&self) -> u64 {
        self.accounts.cleared.get()
    }

    /// Allocates and writes.
    pub(super) fn upload(&self, bytes: &[u8]) -> EmulatedMemory {
        let memory = self.allocate(bytes.len() as u64).expect("there is memory");
        self.write(memory.address(), bytes).expect("no device, no error");
        memory
    }

    /// Row and column of the tile that a block of the product makes, in a matrix of `side * side` tiles.
    pub(super) fn tile_place(&self, block: u64, side: u64) -> (u64, u64) {
        let mut place = [[0; 8]; 2];
        let mut process = self.process.borrow_mut();
        process.send(b'T', &[block, side], &[]);
        process.receive(place.as_flattened_mut());
        let [row, column] = place.map(u64::from_le_bytes);
        (row, column)
    }

    /// Reads.
    pub(super) fn download(&self, from: &EmulatedMemory, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.read(from.address(), &mut bytes)
            .expect("no device, no error");
        bytes
    }
}

struct Process {
    child: Child,
    commands: ChildStdin,
    answers: ChildStdout,
    complaints: ChildStderr,
}

impl Process {
    fn send(&mut self, command: u8, words: &[u64], bytes: &[u8]) {
        let mut message = vec![command];
        words.iter().for_each(|word| message.extend(word.to_le_bytes()));
        message.extend(bytes);
        let sent = self
            .commands
            .write_all(&message)
            .and_then(|()| self.commands.flush());
        self.assert_running(sent);
    }

    fn receive(&mut self, bytes: &mut [u8]) {
        let received = self.answers.read_exact(bytes);
        self.assert_running(received);
    }

    /// Where the emulator ended, it has said why.
    fn assert_running(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            let mut complaints = String::new();
            let read = self.complaints.read_to_string(&mut complaints);
            let ended = self.child.wait();
            panic!("the emulator: {error}, {read:?}, {ended:?}: {complaints}");
        }
    }

    fn confirm(&mut self) {
        let mut done = [0];
        self.receive(&mut done);
        assert_eq!(done, [1], "there is no such kernel");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory of the emulator's process.
pub(super) struct EmulatedMemory {
    process: Rc<RefCell<Process>>,
    accounts: Rc<Accounts>,
    address: Address,
    bytes: u64,
}

impl Memory for EmulatedMemory {
    fn address(&self) -> Address {
        self.address
    }
}

impl Drop for EmulatedMemory {
    fn drop(&mut self) {
        let free = &self.accounts.free;
        free.set(free.get() + self.bytes);
        if !std::thread::panicking() {
            self.process.borrow_mut().send(b'F', &[self.address], &[]);
        }
    }
}

/// A plain product, prepared for a shape.
pub(super) struct EmulatedLibrary {
    n: u32,
    rows: u32,
    /// Products until it fails.
    left: Cell<u32>,
}

impl EmulatedLibrary {
    /// Multiplies `rows` rows by matrices of side `n`.
    pub(super) fn new(n: u32, rows: u32) -> Self {
        Self::failing_after(n, rows, u32::MAX)
    }

    /// The same, for that many products.
    pub(super) fn failing_after(n: u32, rows: u32, products: u32) -> Self {
        let left = Cell::new(products);
        Self { n, rows, left }
    }
}

impl Machine for Emulator {
    type Memory = EmulatedMemory;
    type Library = EmulatedLibrary;

    fn available(&self) -> Result<u64, CudaError> {
        Ok(self.accounts.free.get())
    }

    fn allocate(&self, bytes: u64) -> Result<EmulatedMemory, CudaError> {
        let Accounts { free, largest, .. } = &*self.accounts;
        if bytes > free.get().min(largest.get()) {
            return Err(CudaError::Memory {
                required: bytes,
                available: free.get(),
            });
        }
        free.set(free.get() - bytes);
        let mut address = [0; 8];
        let mut process = self.process.borrow_mut();
        process.send(b'A', &[bytes], &[]);
        process.receive(&mut address);
        Ok(EmulatedMemory {
            process: self.process.clone(),
            accounts: self.accounts.clone(),
            address: u64::from_le_bytes(address),
            bytes,
        })
    }

    fn launch(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError> {
        let name = kernel.entry().as_bytes();
        let mut message = name.to_vec();
        message.extend(blocks.to_le_bytes());
        arguments
            .words()
            .iter()
            .for_each(|word| message.extend(word.to_le_bytes()));
        let mut process = self.process.borrow_mut();
        process.send(b'L', &[name.len() as u64], &message);
        process.confirm();
        Ok(())
    }

    fn launch_aside(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError> {
        self.aside.borrow_mut().push((kernel, blocks, *arguments));
        Ok(())
    }

    fn join(&self) -> Result<(), CudaError> {
        self.aside
            .borrow_mut()
            .drain(..)
            .try_for_each(|(kernel, blocks, arguments)| self.launch(kernel, blocks, &arguments))
    }

    fn clear(&self, from: Address, bytes: u64) -> Result<(), CudaError> {
        let cleared = &self.accounts.cleared;
        cleared.set(cleared.get() + bytes);
        self.write(from, &vec![0; bytes as usize])
    }

    fn write(&self, to: Address, bytes: &[u8]) -> Result<(), CudaError> {
        self.process
            .borrow_mut()
            .send(b'W', &[to, bytes.len() as u64], bytes);
        Ok(())
    }

    fn read(&self, from: Address, bytes: &mut [u8]) -> Result<(), CudaError> {
        let mut process = self.process.borrow_mut();
        process.send(b'R', &[from, bytes.len() as u64], &[]);
        process.receive(bytes);
        Ok(())
    }

    fn wait(&self) -> Result<(), CudaError> {
        Ok(())
    }

    fn library(&self, n: u32, rows: u32) -> Result<EmulatedLibrary, CudaError> {
        Ok(EmulatedLibrary::new(n, rows))
    }

    fn multiply(
        &self,
        library: &EmulatedLibrary,
        left: Address,
        right: Address,
        products: Address,
    ) -> Result<(), CudaError> {
        let Some(left_over) = library.left.get().checked_sub(1) else {
            return Err(CudaError::Library {
                doing: "multiplying with cublasLt",
                source: LibraryStatus(14),
            });
        };
        library.left.set(left_over);
        let shape = [library.n.into(), library.rows.into()];
        let mut process = self.process.borrow_mut();
        process.send(b'M', &[left, right, products, shape[0], shape[1]], &[]);
        process.confirm();
        Ok(())
    }
}

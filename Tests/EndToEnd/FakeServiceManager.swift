import Support
import Testing

/// Starts a service as systemd does, with a notification socket, sockets that listen already, credentials and a watchdog,
/// and prints what the service tells it: `notify READY=1 STATUS=…`.
enum FakeServiceManager {
    /// - Parameters:
    ///   - sockets: the ports to listen on, by the name the service knows them by.
    ///   - credentials: the folder of secret files.
    ///   - watchdog: in seconds.
    ///   - starts: how often the service is started, with the same sockets: after its end again at SIGUSR1.
    static func start(
        _ command: [String], sockets: KeyValuePairs<String, FreePort>, credentials: String? = nil, watchdog: Int = 4,
        abstract: Bool = true, starts: Int = 1, in folder: TemporaryFolder, notify: String = "notify.sock"
    ) throws -> Subprocess {
        let address = abstract ? "@\(folder.path)/notify" : folder.file(notify)
        let listening = sockets.map { "\($0.key)=\($0.value.number)" }.joined(separator: ",")
        return try Subprocess(
            "python3",
            ["-u", "-c", script, address, listening, credentials ?? "", "\(watchdog * 1_000_000)", "\(starts)"]
                + command)
    }

    private static let script = """
        import os, signal, socket, sys
        address, listening, credentials, watchdog, starts, *command = sys.argv[1:]
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(address.replace("@", "\\0", 1))
        if address[0] == "/": os.chmod(address, 0o666)
        names, listeners = [], []
        for entry in filter(None, listening.split(",")):
            name, port = entry.split("=")
            listener = socket.create_server(("127.0.0.1", int(port)))
            names.append(name)
            listeners.append(listener)
        def start():
            child = os.fork()
            if child > 0:
                return child
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
            high = [os.dup(listener.fileno()) for listener in listeners]
            for number, descriptor in enumerate(high):
                os.dup2(descriptor, 100 + number)
            for number in range(len(high)):
                os.dup2(100 + number, 3 + number, inheritable=True)
            os.closerange(3 + len(high), 200)
            # As in the units: Swift's own report of a crash shows registers, which may hold anything.
            environment = dict(os.environ, SWIFT_BACKTRACE="enable=no", NOTIFY_SOCKET=address)
            environment |= {"WATCHDOG_USEC": watchdog, "WATCHDOG_PID": str(os.getpid())}
            if names:
                environment |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(names)),
                                "LISTEN_FDNAMES": ":".join(names)}
            if credentials:
                environment["CREDENTIALS_DIRECTORY"] = credentials
            os.execve(command[0], command, environment)
        for forwarded in [signal.SIGTERM, signal.SIGHUP]:
            signal.signal(forwarded, lambda number, _: os.kill(child, number))
        notify.settimeout(0.1)
        for turn in range(int(starts)):
            if turn > 0: signal.sigwait([signal.SIGUSR1])
            child = start()
            print("child", child)
            ended = None
            while ended is None:
                try:
                    print("notify", notify.recv(4096).decode().replace("\\n", " "))
                except TimeoutError:
                    pid, status = os.waitpid(child, os.WNOHANG)
                    ended = status if pid else None
            print("ended", os.waitstatus_to_exitcode(ended), "core" if os.WCOREDUMP(ended) else "no core")
        """
}

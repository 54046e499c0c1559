import Glibc

/// Why the server cannot listen, each with its cure.
package enum ServerError: Error, Sendable, Equatable {
    /// Not an address that `Configuration.listen` allows.
    case badAddress(String)
    /// Not an address or network that `Configuration.trustedProxies` allows.
    case badProxy(String)
    /// Somebody else listens there.
    case addressInUse(String)
    /// This user may not listen there.
    case forbidden(String)
    /// No interface of this machine has it.
    case notOurs(String)
    /// What else the operating system said about the address.
    case refused(String, errno: Int32)
    /// What was handed over is no socket, or does not listen.
    case notListening(String)
    /// libmicrohttpd could not start its threads.
    case noThreads

    /// What is wrong and what to change.
    package var sentence: String {
        switch self {
        case .badAddress(let text):
            "\"\(text)\" is not an address to listen on: write 127.0.0.1:8080, [::1]:8080 or unix:/run/pulih/http.sock."
        case .badProxy(let text):
            "\"\(text)\" is not the address of a proxy: write 127.0.0.1, 10.0.0.0/8 or fd00::/8."
        case .addressInUse(let address):
            "\(address) is in use by another program: stop it, or choose another address to listen on."
        case .forbidden(let address):
            "This user may not listen on \(address): choose a port of 1024 or more, or a folder it may write to."
        case .notOurs(let address):
            "\(address) is not an address of this machine: choose one of its own, such as 127.0.0.1."
        case .notListening(let address):
            "\(address) is no socket that listens: in the .socket unit, write ListenStream= and Accept=no."
        case .refused(let address, let number):
            "Cannot listen on \(address): \(String(cString: strerror(number)))."
        case .noThreads:
            "Cannot start the threads of the HTTP server: raise the limit on threads or lower their number."
        }
    }

    /// What the system's error number means for an address to listen on.
    init(errno number: Int32, listeningOn address: String) {
        self =
            switch number {
            case EADDRINUSE: .addressInUse(address)
            case EACCES, EPERM, EROFS: .forbidden(address)
            case EADDRNOTAVAIL: .notOurs(address)
            default: .refused(address, errno: number)
            }
    }
}

import Domain
import Glibc

/// The machine, as far as the program must know it.
enum ProcessorCount {
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// How this process is told from others.
enum ProcessName {
    /// Host and process: `otp1:4711`.
    static var current: String { "\(host):\(getpid())" }

    /// Who runs it, for the audit log.
    static var user: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Operator {
    /// Who runs this command.
    static var commandLine: Operator { Operator(name: "operator:\(ProcessName.user)", address: nil) }
}

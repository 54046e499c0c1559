import CPostgreSQL
import Glibc

/// Waiting for answers. A server may take its time; but one that stands still, or whose machine is gone, is not waited for.
extension PostgreSQLConnection {
    /// Milliseconds of silence after which the server is asked whether it is there.
    private static let silence: Int32 = 1_500
    /// Seconds in which it must say so; libpq knows no fewer.
    private static let patience = "2"

    /// Sends a question and waits for the answer, as `PQexec` does: of a script the last result, or the failure.
    /// - Parameter send: one of libpq's functions that send; 1 when it did.
    /// - Returns: the result; the caller clears it.
    /// - Throws: `PostgreSQLError`: the way to the server is broken, or it has fallen silent.
    func answer(to sql: String, _ send: () -> Int32) throws -> OpaquePointer? {
        guard send() == 1 else { throw PostgreSQLError(handle, statement: sql) }
        var last: OpaquePointer?
        do {
            while let result = try nextResult(sql) {
                if let last, PQresultStatus(last) == PGRES_FATAL_ERROR {
                    PQclear(result)
                } else {
                    PQclear(last)
                    last = result
                }
                // A copy goes on by other means, and a way that is broken brings no more.
                let isCopy = [PGRES_COPY_IN, PGRES_COPY_OUT].contains(PQresultStatus(last))
                if isCopy || PQstatus(handle) != CONNECTION_OK { break }
            }
            return last
        } catch {
            PQclear(last)
            throw error
        }
    }

    /// The next result of what was sent; nil after the last.
    func nextResult(_ sql: String) throws -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, Self.silence) == 0, !isServerThere {
                let error = PostgreSQLError(message: "the server has fallen silent", statement: sql)
                abandon(error)
                throw error
            }
            // What went wrong is in the result then.
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQgetResult(handle)
    }

    /// Whether the server of this connection takes another one, or says why not.
    private var isServerThere: Bool {
        func text(_ words: UnsafeMutablePointer<CChar>?) -> String { words.map { String(cString: $0) } ?? "" }
        let same = [
            ("host", text(PQhost(handle))), ("hostaddr", text(PQhostaddr(handle))), ("port", text(PQport(handle))),
            ("target_session_attrs", "any"), ("connect_timeout", Self.patience),
        ]
        return withKeywords(parameters + same) { PQpingParams($0, $1, 1) } != PQPING_NO_RESPONSE
    }

    /// Notices are for somebody at a terminal; a warning may take back what an answer says.
    func keepWarnings() {
        let receiver: PQnoticeReceiver = { context, notice in
            guard let context, let severity = PQresultErrorField(notice, Int32(UInt8(ascii: "V"))),
                String(cString: severity) == "WARNING"
            else { return }
            let message = PQresultErrorField(notice, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
            Unmanaged<PostgreSQLConnection>.fromOpaque(context).takeUnretainedValue().warning = message
        }
        PQsetNoticeReceiver(handle, receiver, Unmanaged.passUnretained(self).toOpaque())
    }
}

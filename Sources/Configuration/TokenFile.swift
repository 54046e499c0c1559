import FoundationEssentials
import Glibc
import SMTP
import Threading

/// A token that another program renews; read for each mail, so that a new one counts at once.
struct TokenFile: TokenSource {
    let path: String

    func token(insteadOf refused: String?, stop: StopSignal) throws(TokenError) -> String {
        let cure =
            "have the program that renews it write one token on one line, in a file that only the worker's user reads"
        do throws(SecretFileError) {
            let token = try SecretFile.text(path)
            if isToken(token) { return token }
        } catch {
            throw TokenError(error.sentence, cure: cure)
        }
        throw TokenError("\(path) holds what is no token", cure: cure)
    }

    /// Its program renews it; here one can only see whether it did.
    func renew(stop: StopSignal) -> TokenStatus {
        do throws(TokenError) {
            let remaining = Self.remaining(of: try token(insteadOf: nil, stop: stop))
            let isOver = remaining.map { $0 <= .zero } ?? false
            return TokenStatus(
                remaining: remaining,
                failure: isOver
                    ? TokenError("the token in \(path) has ended", cure: "check the program that renews it") : nil)
        } catch {
            return TokenStatus(remaining: nil, failure: error)
        }
    }

    /// For how long a token is valid that says so: a JSON Web Token (RFC 7519 section 4.1.4), as Microsoft's are.
    private static func remaining(of token: String) -> Duration? {
        struct Claims: Decodable { let exp: Double }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text),
            let claims = try? JSONDecoder().decode(Claims.self, from: data), claims.exp.magnitude < 1e11
        else { return nil }
        return .seconds(Int(claims.exp) - Int(time(nil)))
    }

    var cureForRefusal: String {
        var status = stat()
        let place = SecretFile.location(of: path)
        let age = stat(place, &status) == 0 ? Int(time(nil)) - status.st_mtim.tv_sec : 0
        let written = age >= 120 ? ", written \(age / 60) min ago," : ""
        return "the token in \(place)\(written) has expired or is not for this relay and smtp.username; "
            + "check the program that renews it"
    }
}

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

    var cureForRefusal: String {
        var status = stat()
        let place = SecretFile.location(of: path)
        let age = stat(place, &status) == 0 ? Int(time(nil)) - status.st_mtim.tv_sec : 0
        let written = age >= 120 ? ", written \(age / 60) min ago," : ""
        return "the token in \(place)\(written) has expired or is not for this relay and smtp.username; "
            + "check the program that renews it"
    }
}

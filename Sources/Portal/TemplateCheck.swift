import Domain
import Mustache
package import Pages

extension Portal {
    /// Holds every page's template against a sample of what it is drawn with.
    /// - Returns: each name that does not resolve, with file, line and the nearest name that would.
    package static func templateProblems(_ pages: Pages, _ rules: Rules) -> [String] {
        let now = Instant(milliseconds: 0)
        let account = Account(
            id: 1, userID: "sample", userType: "sample", email: "sample@example.org", language: .indonesian,
            isActive: true, totp: .active, generation: 1, createdAt: now)
        let reset = ResetRequest(
            id: "sample", account: 1, generation: 1, job: 1, state: .open, requestedAt: now, expiresAt: now,
            address: nil)
        let allWrong = Dictionary(ResetForm.Name.allCases.map { ($0, "sample") }) { $1 }
        let form = rules.resetContext(
            ResetForm(), language: .indonesian, csrf: "sample", captcha: "sample", mistakes: allWrong)
        let samples: [(PageName, [String: Value])] = [
            (.home, [:]), (.reset, form), (.sent, rules.sentContext),
            (.confirm, rules.confirmContext(reset, account, token: "sample", csrf: "sample", language: .indonesian)),
            (.done, [:]), (.link, Rules.linkContext(heading: "x", text: "x", more: "x", next: "x")),
            (.cancel, Rules.cancelContext(token: "sample", csrf: "sample")), (.cancelled, [:]),
            (.error, Pages.errorContext(status: 404, heading: "x", text: "x", next: ("/", "x"))),
        ]
        return samples.flatMap { pages.problems($0.0, $0.1) }
    }
}

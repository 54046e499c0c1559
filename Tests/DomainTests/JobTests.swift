import Domain
import Testing

@Suite("A job's request ID")
struct JobTests {
    private func requestID(_ text: String?) -> String {
        let time = Instant(milliseconds: 0)
        return Job(
            id: 7, kind: "x", state: .ready, payload: nil, createdAt: time, runAt: time, token: 0, attempts: 0,
            unknowns: 0, leaseUntil: nil, worker: nil, outcome: nil, reason: nil, finishedAt: nil, requestID: text
        ).requestID
    }

    @Test("What a mail header can carry is kept", arguments: ["a", "01HZX-7/4", String(repeating: "x", count: 64)])
    func fit(_ text: String) { #expect(requestID(text) == text) }

    @Test(
        "A job whose request ID is none, or would keep its mail from being written, goes by its number",
        arguments: [nil, "", " ", "ä", "a b", "a\r\nBcc: x", String(repeating: "x", count: 65)])
    func unfit(_ text: String?) { #expect(requestID(text) == "job-7") }
}

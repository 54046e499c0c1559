import Domain
import Testing

@testable import Demo

struct DemoExamplesTests {
    private func text(_ examples: DemoExamples) -> String {
        DemoInstructions(people: [], ports: DemoPorts(from: 8080), file: "/x/pulih.json5", examples: examples)
            .text(at: Instant(milliseconds: 0))
    }

    @Test("Without what an example needs, the demo says so in a line and leaves its steps out")
    func missing() {
        let none = text(DemoExamples { _ in nil })
        #expect(none.contains("Application  (not started: it needs python3 and the examples of Pulih)\n"))
        #expect(none.contains("Notice board (not started: it needs python3, nginx and the examples of Pulih)\n"))
        #expect(!none.contains("Outside ") && !none.contains("Behind "))
        let all = text(DemoExamples { "/x/\($0)" })
        #expect(all.contains("Application  http://127.0.0.1:8083/ ") && all.contains("\nOutside "))
        #expect(all.contains("Notice board http://papan.localhost:8084/ ") && all.contains("\nBehind "))
    }
}

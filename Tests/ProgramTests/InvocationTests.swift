import Testing

@testable import CommandLine
@testable import Program

@Suite("Commands as operators type them")
struct InvocationTests {
    @Test(
        "A command that is printed can be typed as it stands, whatever the configuration is called",
        arguments: [
            ("/etc/pulih/pulih.json5", "/etc/pulih/pulih.json5"), ("my file", "'my file'"), ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
        ])
    func typed(file: String, word: String) {
        let invocation = Invocation(operands: [], values: ["config": file], flags: [])
        #expect(invocation.typed("worker") == "pulih worker --config \(word)")
    }
}

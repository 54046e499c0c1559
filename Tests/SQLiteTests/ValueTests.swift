import SQL
import SQLite
import Testing

@Suite("Values")
struct ValueTests {
    private let fixture: Fixture
    private var connection: SQLiteConnection { fixture.connection }

    init() throws { fixture = try Fixture() }

    @Test(
        "Every value comes back as it went in",
        arguments: [
            Value.null, .integer(Int64.min), .integer(Int64.max), .integer(0), .real(-0.1),
            .real(.greatestFiniteMagnitude),
            .text(""), .text("a\u{0}b"), .text("🙂 e\u{301} \u{e9}"), .text("'; DROP TABLE x; --"), .blob([]),
            .blob([0, 255, 0]),
        ])
    func roundTrip(value: Value) throws {
        let back = try connection.first("SELECT $1, typeof($1)", [value]) { row -> Value in
            switch row.text(1) {
            case "integer": .integer(row.integer(0))
            case "real": .real(row.real(0))
            case "text": .text(row.text(0))
            case "blob": .blob(row.blob(0))
            default: .null
            }
        }
        #expect(back == value)
        // String's == takes two spellings of one letter for equal: the bytes must be the same, too.
        if case .text(let text) = value, case .text(let found) = back { #expect(Array(found.utf8) == Array(text.utf8)) }
    }

    @Test("Parameters are numbered as in PostgreSQL: in any order, and more than once")
    func numbering() throws {
        let text = try connection.first("SELECT $2 || $1 || $2 || $10", (1...10).map { .text("<\($0)>") }) {
            $0.text(0)
        }
        #expect(text == "<2><1><2><10>")
    }

    @Test(
        "A missing value and a parameter of another form are errors, not NULL",
        arguments: ["$2", "?", "?1", ":a", "@a", "$a", "$0"])
    func wrongParameters(parameter: String) throws {
        #expect(throws: SQLiteError.self) { try connection.first("SELECT \(parameter)", [.integer(1)]) { _ in } }
    }

    @Test("NULL reads as nil where it may, and as 0, empty text and an empty blob elsewhere")
    func null() throws {
        try connection.first("SELECT NULL, 5, 'x', x'01'") { row in
            #expect(row.isNull(0) && !row.isNull(1))
            #expect(row.optionalInteger(0) == nil && row.optionalText(0) == nil && row.optionalBlob(0) == nil)
            #expect(row.optionalInteger(1) == 5 && row.optionalText(2) == "x" && row.optionalBlob(3) == [1])
            #expect(row.integer(0) == 0 && row.text(0).isEmpty && row.blob(0).isEmpty && !row.flag(0))
        }
    }

    @Test("The first row is the first row even when there are more, and nil when there is none")
    func first() throws {
        #expect(try connection.first("VALUES (1), (2)") { $0.integer(0) } == 1)
        #expect(try connection.first("SELECT 1 WHERE FALSE") { $0.integer(0) } == nil)
        #expect(try connection.all("VALUES (2), (1)") { $0.integer(0) } == [2, 1])
    }
}

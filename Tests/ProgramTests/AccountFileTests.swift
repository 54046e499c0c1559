import Domain
import Testing

@testable import Program

@Suite("Tables of accounts, as programs write them")
struct AccountFileTests {
    private static let types = [
        UserType(id: "penyedia", labels: [.indonesian: "Penyedia", .english: "Provider"]),
        UserType(id: "non-penyedia", labels: [.indonesian: "Non Penyedia", .english: "Non-provider"]),
    ]
    private static let plain =
        "user_id,email,user_type\nbudi,budi@example.org,penyedia\nsiti,siti@example.org,non-penyedia\n"

    private func read(_ bytes: [UInt8], encoding: String? = nil, isStrict: Bool = false) throws -> AccountFile {
        try AccountFile(
            bytes, name: "accounts.csv", encoding: encoding, isStrict: isStrict, types: Self.types,
            language: .indonesian)
    }

    private func read(_ text: String) throws -> AccountFile { try read(Array(text.utf8)) }

    private static func utf16(_ text: String, isBig: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isBig ? [high, low] : [low, high]
        }
    }

    static let spellings: [(name: String, bytes: [UInt8])] = [
        ("plain", Array(plain.utf8)),
        ("CRLF", Array(plain.replacing("\n", with: "\r\n").utf8)),
        ("CR, of an old Mac", Array(plain.replacing("\n", with: "\r").utf8)),
        ("no line end at the end", Array(plain.dropLast().utf8)),
        ("a mark", [0xEF, 0xBB, 0xBF] + plain.utf8),
        (
            "semicolons of Excel",
            [0xEF, 0xBB, 0xBF] + plain.replacing(",", with: ";").replacing("\n", with: "\r\n").utf8
        ),
        ("tabs", Array(plain.replacing(",", with: "\t").utf8)),
        ("sep=;", Array("sep=;\r\n\(plain.replacing(",", with: ";"))".utf8)),
        ("SEP=| in quotes", Array("\"SEP=|\"\n\(plain.replacing(",", with: "|"))".utf8)),
        (
            "UTF-16LE with a mark, Excel's Unicode text",
            [0xFF, 0xFE] + utf16(plain.replacing(",", with: "\t"), isBig: false)
        ),
        ("UTF-16BE with a mark", [0xFE, 0xFF] + utf16(plain, isBig: true)),
        ("UTF-16LE", utf16(plain, isBig: false)), ("UTF-16BE", utf16(plain, isBig: true)),
        ("UTF-16 with sep=", [0xFF, 0xFE] + utf16("sep=;\r\n\(plain.replacing(",", with: ";"))", isBig: false)),
        ("quotes everywhere", Array(plain.replacing(/[^,\n]+/) { "\"\($0.output)\"" }.utf8)),
        ("spaces round fields and quotes", Array(plain.replacing(/[^,\n]+/) { " \"\($0.output)\" " }.utf8)),
        ("no-break spaces", Array(plain.replacing(",", with: "\u{a0},\u{a0}").utf8)),
        ("empty lines", Array("\n\n\(plain.replacing("\n", with: "\n\n  \n,,\n"))\n".utf8)),
        ("trailing empty columns", Array(plain.replacing("\n", with: ",,,\n").utf8)),
        ("trailing separators on some lines", Array(plain.replacing("org,penyedia\n", with: "org,penyedia,,\n").utf8)),
        (
            "the guide's labels",
            Array("User ID;Email;Tipe User\nbudi;budi@example.org;Penyedia\nsiti;siti@example.org;NON PENYEDIA\n".utf8)
        ),
        (
            "the English labels, another order",
            Array("E-Mail,USER_TYPE,UserId\nbudi@example.org,provider,budi\nsiti@example.org,Non-Provider,siti\n".utf8)
        ),
        (
            "columns of others, with a line break inside",
            Array(
                "No,User_ID,email,Catatan,user type\n1,budi,budi@example.org,\"satu, \"\"dua\"\"\r\ntiga\",penyedia\n2,siti,siti@example.org,,non-penyedia\n"
                    .utf8)
        ),
    ]

    @Test("All say the same", arguments: spellings)
    func spelling(name: String, bytes: [UInt8]) throws {
        let file = try read(bytes)
        #expect(file.badLines.map(\.problems) == [])
        #expect(file.rows.map(\.account.userID.text) == ["budi", "siti"])
        #expect(file.rows.map(\.account.email.text) == ["budi@example.org", "siti@example.org"])
        #expect(file.rows.map(\.account.userType) == ["penyedia", "non-penyedia"])
    }

    @Test("windows-1252 is read when it is named, and otherwise suggested with the line")
    func windows() throws {
        let text = "user_id,email,user_type,nama\nbudi,budi@example.org,penyedia,Ren"
        let bytes = text.utf8 + [0xE9, 0x20, 0x93, 0x94, 0x0A]
        let file = try read(Array(bytes), encoding: "windows-1252")
        #expect(file.rows.count == 1)
        #expect(file.rows.first?.fields.last == "René “”")
        let error = #expect(throws: (any Error).self) { try read(Array(bytes)) }
        #expect("\(String(describing: error))".contains("(line 2)"))
        #expect("\(String(describing: error))".contains("--encoding windows-1252"))
        #expect(throws: (any Error).self) { try read(Array(bytes), encoding: "klingon") }
        #expect(throws: (any Error).self) { try read([0x81], encoding: "windows-1252") }
    }

    @Test("Every bad line is told with its line, its column as the file calls it, and the reason")
    func badLines() throws {
        let file = try read(
            """
            User ID;Email;Tipe User;otpauth;password_hash
            budi;budi@example.org;penyedia;;
            Budi;other@example.org;penyedia;;
            x y;nobody;guru;otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ;plain
            "ani"x;ani@example.org;penyedia;;
            eka;eka@example.org;penyedia;;;;more
            tini;"tini@example.org;penyedia;;
            """)
        #expect(file.rows.map(\.account.userID.text) == ["budi"])
        #expect(file.badLines.map(\.line) == [3, 4, 5, 6, 7])
        let problems = file.badLines.map(\.problems)
        #expect(problems[0] == ["User ID Budi is on line 2 already"])
        #expect(problems[1].map { $0.prefix { $0 != " " } } == ["User", "Email", "Tipe", "otpauth", "password_hash"])
        #expect(problems[1][3].contains("counter-based code (HOTP)"))
        #expect(problems[2] == ["there is text after a closing quote"])
        #expect(problems[3] == ["has 7 fields, where the first line names 5 columns"])
        #expect(problems[4] == ["a quote is never closed: all that follows was read as one field"])
    }

    @Test("A line whose last columns are left out is whole: Excel does that after some lines")
    func shortLines() throws {
        let file = try read("user_id,email,user_type,language,otpauth\nbudi,budi@example.org,penyedia\n")
        #expect(file.rows.count == 1)
    }

    @Test("Columns that mean nothing are named and passed over, or refused when asked for")
    func unknownColumns() throws {
        let text = "NIK,user_id,email,user_type,\n1,budi,budi@example.org,penyedia,\n"
        #expect(try read(text).unknownColumns == ["NIK"])
        #expect(throws: (any Error).self) { try read(Array(text.utf8), isStrict: true) }
    }

    @Test(
        "A file without the columns, or with one twice, is refused with what was found",
        arguments: [
            ("", "is empty"), ("\n\n", "is empty"), ("budi,budi@example.org,penyedia\n", "are missing"),
            ("user_id,email\n", "user_type is missing"),
            ("user_id,User ID,email,user_type\n", "two columns for user_id"),
        ])
    func headings(text: String, sentence: String) {
        let error = #expect(throws: (any Error).self) { try read(text) }
        #expect("\(String(describing: error))".contains(sentence))
    }

    @Test("A bare secret and an address say the same; both at once are one too many")
    func secrets() throws {
        let file = try read(
            """
            user_id,email,user_type,totp_secret,otpauth
            a,a@example.org,penyedia,jbsw y3dp ehpk 3pxp,
            b,b@example.org,penyedia,,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP
            c,c@example.org,penyedia,JBSWY3DPEHPK3PXP,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP
            d,d@example.org,penyedia,JBSWY3DP,
            """)
        #expect(
            file.rows.map(\.account.authenticator) == Array(repeating: file.rows[0].account.authenticator, count: 2))
        #expect(file.rows[0].account.authenticator?.secret.isWeak == true)
        #expect(file.badLines.map(\.line) == [4, 5])
        #expect(file.badLines[1].problems[0].contains("40 bits; under 80"))
    }

    @Test("What is written is read back, whatever is in it")
    func roundTrip() {
        for separator: Character in [",", ";", "\t"] {
            let fields = ["a", "b,c", "d;e", "f\tg", "\"", "x \"y\"", "line\r\nbreak", "é"]
            let line = fields.map { CSV.field($0, separator: separator) }.joined(separator: String(separator))
            let table = CSV("h\(separator)h\n\(line)\n")
            #expect(table.separator == separator)
            #expect(table.records.last?.fields == fields)
        }
    }
}

import Cryptography
import Support
import Testing

@Suite("Password hashes of other programs, in their own spellings")
struct ImportedPasswordHashTests {
    private static let password = "kopi tubruk 123"
    private let hasher = PasswordHasher(memoryKiB: 8, passes: 1)

    private func isVerified(_ password: String, _ stored: String) -> Bool {
        hasher.verify(Array(password.utf8), against: stored)
    }

    private func checkImport(_ hash: String, password: String = password) throws {
        let imported = try #require(ImportedPasswordHash(hash), "\(hash)")
        let stored = try imported.stored(by: hasher, random: SystemRandom())
        #expect(isVerified(password, stored), "\(hash)")
        #expect(hasher.needsRehash(stored))
        for wrong in ["", String(password.dropLast()), password + "4", password.uppercased(), stored, hash] {
            #expect(!isVerified(wrong, stored), "\(hash)")
        }
        if imported.isWrapped {
            #expect(stored.contains("$argon2id$"))
            #expect(!stored.contains(hash))
        }
        // What is stored can be exported and imported again.
        #expect(ImportedPasswordHash(stored) != nil)
    }

    @Test(
        "What passlib makes is verified",
        arguments: [
            "pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512", "scrypt", "sha256_crypt", "sha512_crypt", "phpass",
            "ldap_salted_sha1", "ldap_salted_sha256", "ldap_salted_sha512", "ldap_salted_md5", "ldap_sha1", "ldap_md5",
            "ldap_sha256_crypt", "ldap_sha512_crypt", "ldap_bcrypt", "ldap_pbkdf2_sha1", "ldap_pbkdf2_sha256",
            "ldap_pbkdf2_sha512", "django_pbkdf2_sha1", "django_pbkdf2_sha256", "django_salted_sha1",
            "django_salted_md5", "hex_md5", "hex_sha1", "hex_sha256", "hex_sha512",
        ])
    func passlib(scheme: String) throws {
        let settings = scheme.contains("bcrypt") ? "rounds=4" : scheme == "scrypt" ? "rounds=10" : ""
        guard !scheme.contains("bcrypt") else { return try checkImport("{CRYPT}" + bcrypt()) }
        let script = """
            import sys, passlib.hash
            handler = getattr(passlib.hash, "\(scheme)")
            print(handler.using(\(settings)).hash(sys.stdin.read()) if "\(settings)" else handler.hash(sys.stdin.read()))
            """
        let hash = try Subprocess.output(of: "/usr/bin/python3", ["-c", script], input: Self.password)
        try checkImport(hash.trimmingNewline)
    }

    private func bcrypt() throws -> String {
        try Subprocess.output(of: "mkpasswd", ["-m", "bcrypt", "-R", "5", "--stdin"], input: Self.password)
            .trimmingNewline
    }

    @Test("Django's spellings of bcrypt, argon2 and scrypt are read")
    func django() throws {
        try checkImport("bcrypt$" + bcrypt())
        let argon2 = try hasher.hash(Array(Self.password.utf8), random: SystemRandom())
        let stored = try #require(ImportedPasswordHash("argon2" + argon2))
        #expect(isVerified(Self.password, try stored.stored(by: hasher, random: SystemRandom())))
        let script = """
            import sys, hashlib, base64
            key = hashlib.scrypt(sys.stdin.read().encode(), salt=b"seasalt", n=16384, r=8, p=5, maxmem=2**26, dklen=64)
            print("scrypt$16384$seasalt$8$5$" + base64.b64encode(key).decode())
            """
        try checkImport(
            try Subprocess.output(of: "/usr/bin/python3", ["-c", script], input: Self.password).trimmingNewline)
    }

    @Test("Keycloak's exported credentials are read, as one object or with its texts inside")
    func keycloak() throws {
        let script = """
            import sys, hashlib, base64, json
            password = sys.stdin.read().encode()
            for algorithm, name, length in [("sha1", "pbkdf2", 64), ("sha256", "pbkdf2-sha256", 64), ("sha512", "pbkdf2-sha512", 64)]:
                key = hashlib.pbkdf2_hmac(algorithm, password, b"0123456789abcdef", 27500, length)
                secret = {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(b"0123456789abcdef").decode(),
                          "additionalParameters": {}}
                data = {"hashIterations": 27500, "algorithm": name, "additionalParameters": {}}
                print(json.dumps({"type": "password", "secretData": json.dumps(secret), "credentialData": json.dumps(data)}))
                print(json.dumps(secret | data))
            """
        let lines = try Subprocess.output(of: "/usr/bin/python3", ["-c", script], input: Self.password)
            .split(separator: "\n").map(String.init)
        #expect(lines.count == 6)
        for line in lines { try checkImport(line) }
        // Keycloak 25 and later; the hash is the reference implementation's of "password" and "saltsaltsalt".
        try checkImport(
            """
            {"credentialData": "{\\"hashIterations\\":2,\\"algorithm\\":\\"argon2\\",\\"additionalParameters\\":{\\"memory\\":[\\"64\\"],\
            \\"type\\":[\\"i\\"],\\"version\\":[\\"1.3\\"],\\"parallelism\\":[\\"1\\"]}}",
            "secretData": "{\\"value\\":\\"l4/22ofvoaJ7a7OZ18mT9wdGbaDVGv21rZDnWi2c5Ss=\\",\\"salt\\":\\"c2FsdHNhbHRzYWx0\\"}"}
            """, password: "password")
    }

    @Test("argon2 of version 0x10 is verified, with its version written or not")
    func oldArgon2() throws {
        // phc-winner-argon2's own test vectors: m = 256 KiB, t = 2, p = 1.
        for version in ["$v=16", ""] {
            try checkImport(
                "$argon2i\(version)$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
                password: "password")
        }
    }

    @Test("phpass as WordPress and phpBB write it")
    func phpass() throws {
        try checkImport("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", password: "test12345")
        try checkImport("$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", password: "test12345")
    }

    @Test("Published vectors of PBKDF2 (RFC 6070) and scrypt (RFC 7914)")
    func vectors() throws {
        try checkImport("$pbkdf2$4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE", password: "password")
        try checkImport(
            "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
            password: "password")
    }

    @Test(
        "What is no hash, or costs more than a login can bear, is refused",
        arguments: [
            "", "password", "{", "{}", "{SSHA}", "{SSHA}!!!!", "{FOO}abc", "{CRYPT}x", "{SHA}W6ph5Mm5Pz8=",
            "pbkdf2_sha256$3000001$salt$" + String(repeating: "A", count: 43) + "=", "pbkdf2_sha256$0$salt$AAAA",
            "pbkdf2_md5$1000$salt$AAAAAAAAAAAAAAAAAAAAAA==", "$pbkdf2-sha256$29000$salt", "scrypt$16383$s$8$1$AAAA",
            "scrypt$1048576$salt$8$16$" + String(repeating: "A", count: 86) + "==",
            "$scrypt$ln=31,r=8,p=1$c2FsdA$" + String(repeating: "A", count: 43), "$P$ZIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
            "5f4dcc3b5aa765d61d8327deb882cf9", "5f4dcc3b5aa765d61d8327deb882cf9g",
            "{\"algorithm\":\"pbkdf2-sha256\",\"hashIterations\":-1,\"salt\":\"AAAA\",\"value\":\"AAAA\"}",
            "$digest$sha1,after,AAAA$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        ])
    func refused(hash: String) {
        #expect(ImportedPasswordHash(hash) == nil)
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

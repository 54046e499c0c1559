import Support
import Testing

@Suite struct TestCertificateTests {
    @Test func `a certificate is good for its names and for no other`() throws {
        let certificate = try TestCertificate(for: ["mail.pulih.test", "127.0.0.1"])
        #expect(try verify(certificate, "-verify_hostname", "mail.pulih.test") == nil)
        #expect(try verify(certificate, "-verify_ip", "127.0.0.1") == nil)
        let error = try #require(try verify(certificate, "-verify_hostname", "other.pulih.test"))
        #expect(error.contains("hostname mismatch"))
    }

    @Test func `an expired certificate and one signed by itself are refused as such`() throws {
        let expired = try #require(try verify(TestCertificate(.expired), "-verify_hostname", "localhost"))
        #expect(expired.contains("certificate has expired"))
        let selfSigned = try #require(try verify(TestCertificate(.selfSigned), "-verify_hostname", "localhost"))
        #expect(selfSigned.contains("self-signed certificate"))
    }

    /// What openssl complains of; nil if it trusts the certificate.
    private func verify(_ certificate: TestCertificate, _ check: String, _ name: String) throws -> String? {
        let arguments = ["verify", "-CAfile", certificate.authorityFile, check, name, certificate.certificateFile]
        let finished = try Subprocess.run("openssl", arguments)
        return finished.exit == .code(0) ? nil : finished.error
    }
}

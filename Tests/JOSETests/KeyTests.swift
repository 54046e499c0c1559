import Cryptography
import Foundation
import Support
import Testing

@testable import JOSE

@Suite("Keys as JWK")
struct KeyTests {
    private struct Published: Decodable {
        let kty: String
        let alg: String
        let use: String
        let kid: String
    }

    @Test("The thumbprint is that of RFC 7638, whatever else the JWK says; its own kid is kept")
    func thumbprint() throws {
        let key = try PublicKey(jwk: Vectors.thumbprintKey)
        #expect(key.thumbprint == Vectors.thumbprint)
        #expect(key.id == "2011-04-29")
        #expect(key.algorithm == .rs256)
        #expect(try PublicKey(jwk: Vectors.ecKey).thumbprint == PublicKey(jwk: "{\(Vectors.ecPublic)}").thumbprint)
    }

    @Test(
        "A generated key is written, read, published, and signs for the same public key",
        arguments: SignatureAlgorithm.allCases)
    func roundTrip(_ algorithm: SignatureAlgorithm) throws {
        let key = PrivateKey.generate(algorithm)
        #expect(key.id == key.publicKey.thumbprint)
        #expect(!key.jwk.contains(" ") && !key.jwk.contains("\n"))
        let read = try PrivateKey(jwk: key.jwk)
        #expect(read.id == key.id && read.algorithm == algorithm && read.jwk == key.jwk)
        let text = key.publicKey.jwk
        let published = try JSONDecoder().decode(Published.self, from: Data(text.utf8))
        #expect(published.kty == (algorithm == .es256 ? "EC" : "RSA"))
        #expect(published.alg == algorithm.rawValue && published.use == "sig" && published.kid == key.id)
        for secret in [#""d":"#, #""p":"#, #""q":"#, #""dp":"#, #""dq":"#, #""qi":"#] {
            #expect(!text.contains(secret))
        }
        let reader = try PublicKey(jwk: text)
        #expect(try CompactJWS.verify(read.sign([1, 2], type: "JWT"), with: [reader]).payload == [1, 2])
    }

    @Test("No description shows a private key")
    func descriptions() {
        let key = PrivateKey.generate(.es256)
        var dumped = ""
        dump([key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains(key.id) && !text.contains(#""d":"#))
        }
    }

    @Test(
        "What is no sound key for one of the algorithms is refused",
        arguments: [
            "", "{", "[]", "null", #"{"kty":"EC"}"#,
            #"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
            // Not on the curve.
            #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
            // 64 bits.
            #"{"kty":"RSA","n":"0vx7agoebGc","e":"AQAB"}"#,
            #"{\#(Vectors.ecPublic),"kid":"a\"b"}"#,
        ])
    func unusable(_ jwk: String) {
        #expect(throws: JOSEError.unusableKey) { try PublicKey(jwk: jwk) }
        #expect(throws: JOSEError.unusableKey) { try PrivateKey(jwk: jwk) }
    }

    @Test("A private key that is none, or another's, is refused")
    func foreign() throws {
        #expect(throws: JOSEError.unusableKey) { try PrivateKey(jwk: "{\(Vectors.ecPublic)}") }
        #expect(throws: JOSEError.unusableKey) { try PrivateKey(jwk: Vectors.rsaKey) }
        let modulus = /"n":"[^"]+"/
        let (one, other) = (PrivateKey.generate(.rs256).jwk, PrivateKey.generate(.rs256).jwk)
        let foreign = try #require(other.firstMatch(of: modulus)).output
        #expect(throws: JOSEError.unusableKey) { try PrivateKey(jwk: one.replacing(modulus, with: foreign)) }
        #expect(try PrivateKey(jwk: Vectors.ecKey).algorithm == .es256)
    }
}

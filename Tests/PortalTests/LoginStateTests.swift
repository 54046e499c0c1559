import Domain
import HTTPServer
import Store
import Support
import Testing

/// Every address in every state of a visitor: no step can be skipped, and no page shows in the wrong state.
@Suite("Addresses and states")
struct LoginStateTests {
    enum State: String, CaseIterable, CustomTestStringConvertible {
        case stranger, identified, enrolling, pending, verifying, member, recovered, disabled
        case policyOff, policyOffNone, policyOffPending, policyOn, deactivated, ended, idle

        var testDescription: String { rawValue }

        /// What each address answers to a GET: nothing for the page itself, else where it sends the visitor.
        var pages: [String: String?] {
            func all(but open: [String], else place: String) -> [String: String?] {
                let open = open + LoginStateTests.anyones
                return Dictionary(
                    uniqueKeysWithValues: LoginStateTests.addresses.map { ($0, open.contains($0) ? nil : place) })
            }
            return switch self {
            case .stranger, .deactivated, .ended, .idle: all(but: ["/", "/login"], else: "/login")
            case .identified: all(but: ["/", "/login", "/login/password"], else: "/login/password")
            case .enrolling, .disabled: all(but: ["/", "/login", "/totp/enable"], else: "/totp/enable")
            case .pending: all(but: ["/", "/login", "/login/code", "/totp/enable"], else: "/login/code")
            case .verifying, .policyOn: all(but: ["/", "/login", "/login/code"], else: "/login/code")
            case .member, .recovered:
                all(but: ["/", "/home", "/totp/disable", "/sessions", "/recovery-codes"], else: "/home")
            case .policyOff: all(but: ["/", "/home", "/totp/disable", "/sessions"], else: "/home")
            case .policyOffNone, .policyOffPending:
                all(but: ["/", "/home", "/totp/enable", "/sessions"], else: "/home")
            }
        }
    }

    static let addresses = [
        "/", "/login", "/login/password", "/login/code", "/home", "/totp/enable", "/totp/disable", "/sessions",
        "/recovery-codes", "/reset", "/reset/sent",
    ]
    /// The reset is for those who cannot log in; whoever can may look at its pages too.
    static let anyones = ["/reset", "/reset/sent"]

    /// Somebody in a state, and the house they are in.
    private func viewer(_ state: State) throws -> (PortalClient, PortalFixture) {
        let standings: [State: TOTPState] = [
            .enrolling: .none, .policyOffNone: .none, .pending: .pending, .policyOffPending: .pending,
        ]
        let fixture = try PortalFixture(state: standings[state] ?? .active)
        let person = try PortalClient(fixture)
        switch state {
        case .stranger: break
        case .identified:
            try person.get("/login")
            try person.post("/login", ["user_id": "budi", "user_type": "penyedia"])
        case .enrolling, .pending, .verifying: try person.enter()
        case .member: try person.logIn()
        case .ended:
            try person.logIn()
            let thief = PortalClient(copying: person)
            try person.post("/logout")
            return (thief, fixture)
        case .idle:
            try person.logIn()
            fixture.scene.clock.advance(.minutes(30))
        case .disabled:
            try person.logIn()
            fixture.scene.clock.advance(.seconds(30))
            try person.get("/totp/disable")
            try person.post("/totp/disable", ["password": LoginScene.password, "code": try fixture.scene.code()])
        case .recovered:
            try person.logIn()
            try person.get("/recovery-codes")
            try person.post("/recovery-codes")
            let code = person.page.text.firstMatch(of: /<code>([^<]+)<\/code>/).map { String($0.1) } ?? ""
            try person.get("/home")
            try person.post("/logout")
            try person.enter()
            try person.get("/login/code")
            try person.post("/login/code", ["recovery_code": code])
        case .policyOff, .policyOffNone, .policyOffPending:
            try fixture.setPolicy(false)
            try person.enter()
        case .policyOn:
            try fixture.setPolicy(false)
            try person.enter()
            try fixture.setPolicy(true)
        case .deactivated:
            try person.logIn()
            let budi = fixture.scene.budi
            try fixture.temporary.database.write { try $0.setActive(account: budi, false) }
        }
        return (person, fixture)
    }

    @Test(
        "Each page shows in its states alone; everywhere else the visitor is sent where they can go on",
        arguments: State.allCases)
    func pages(state: State) throws {
        let (person, _) = try viewer(state)
        for (address, place) in state.pages {
            let copy = PortalClient(copying: person)
            let response = try copy.get(address)
            #expect(response.headers["Location"] == place, "\(address)")
            #expect(response.status == (place == nil ? 200 : 303), "\(address)")
        }
    }

    @Test("A POST in the wrong state, or without the state's own token, changes nothing", arguments: State.allCases)
    func posts(state: State) throws {
        let (person, fixture) = try viewer(state)
        let fields = [
            "user_id": "budi", "user_type": "penyedia", "password": LoginScene.password,
            "code": try fixture.scene.code(),
            "session": "1", "others": "1",
        ]
        let before = try fixture.temporary.dump()
        for address in Self.addresses + ["/logout"] where address != "/" {
            let copy = PortalClient(copying: person)
            let response = try copy.post(address, fields, token: "1.forged")
            #expect([303, 403, 405].contains(response.status), "\(address): \(response.status)")
            #expect(response.headers.values("Set-Cookie").isEmpty, "\(address)")
        }
        #expect(try fixture.temporary.dump() == before)
    }

    @Test("GET and HEAD change nothing in any state", arguments: State.allCases)
    func looking(state: State) throws {
        let (person, fixture) = try viewer(state)
        let before = try fixture.temporary.dump()
        for address in Self.addresses + ["/logout"] { try PortalClient(copying: person).get(address) }
        #expect(try fixture.temporary.dump() == before)
    }

    @Test("A page with something personal on it is stored by nobody", arguments: State.allCases)
    func storing(state: State) throws {
        let (person, _) = try viewer(state)
        for address in Self.addresses {
            let copy = PortalClient(copying: person)
            #expect(try copy.get(address).headers["Cache-Control"] == "no-store" || copy.location != nil, "\(address)")
        }
    }
}

extension PortalFixture {
    /// What `pulih policy set totp on|off` does.
    func setPolicy(_ on: Bool, scope: String? = nil, from: Instant? = nil) throws {
        let now = scene.now
        try temporary.database.write { transaction in
            try transaction.addPolicyRule(
                PolicyRule(scope: scope, requiresTOTP: on, from: from ?? now, madeAt: now), by: "operator:test")
        }
    }
}

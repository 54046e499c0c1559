import Domain
import Testing

@Suite("Which relay mail goes by")
struct RelaySelectionTests {
    private static let now = Instant(milliseconds: 1_000_000)
    /// After the pause that follows a first fault.
    private static let later = now + .seconds(2)

    private func selection(_ names: String..., failed: String...) -> RelaySelection {
        var selection = RelaySelection(names)
        for name in failed { selection.failed(name, at: Self.now, reason: "\(name) refused", random: 0.5) }
        return selection
    }

    private func assign(_ selection: inout RelaySelection, _ count: Int, at now: Instant = now) -> [String?] {
        selection.assign([RelayPreference](repeating: .first, count: count), at: now)
    }

    @Test("All mail goes by the first, and by the next while the first is at fault")
    func preference() {
        var selection = selection("a", "b", "c")
        #expect(assign(&selection, 2) == ["a", "a"])
        selection.failed("a", at: Self.now, reason: "refused", random: 0.5)
        #expect(selection.allowance(16, at: Self.now) == 16)
        #expect(assign(&selection, 2) == ["b", "b"])
        selection.failed("b", at: Self.now, reason: "refused", random: 0.5)
        #expect(assign(&selection, 1) == ["c"])
    }

    @Test("A single relay: nothing in the pause, one mail after it, nothing while that one is out")
    func single() {
        var selection = selection("a", failed: "a")
        #expect(selection.allowance(16, at: Self.now) == 0)
        #expect(selection.beginChecks(at: Self.later) == [], "nobody else takes the mail, so a mail may as well try")
        #expect(selection.allowance(16, at: Self.later) == 1)
        #expect(assign(&selection, 1, at: Self.later) == ["a"])
        #expect(selection.allowance(16, at: Self.later + .days(1)) == 0)
        selection.succeeded("a")
        #expect(selection.allowance(16, at: Self.later) == 16)
    }

    @Test("With all of them at fault each is tried by one mail after its pause")
    func allDown() {
        var selection = selection("a", "b", failed: "a", "b")
        #expect(!selection.takesMail)
        #expect(selection.allowance(16, at: Self.now) == 0)
        #expect(selection.allowance(16, at: Self.later) == 2)
        #expect(assign(&selection, 3, at: Self.later) == [nil, "b", "a"])
        selection.succeeded("b")
        #expect(assign(&selection, 2, at: Self.later) == ["b", "b"])
    }

    @Test("The preferred relay comes back by a connection, then by the least urgent mail, and then for all")
    func comeback() {
        var selection = selection("a", "b", failed: "a")
        #expect(selection.beginChecks(at: Self.now) == [])
        #expect(selection.beginChecks(at: Self.later) == ["a"])
        #expect(selection.beginChecks(at: Self.later) == [], "one at a time")
        #expect(assign(&selection, 2, at: Self.later) == ["b", "b"], "no mail waits for it")
        selection.checked("a", at: Self.later)
        #expect(assign(&selection, 3, at: Self.later) == ["b", "b", "a"])
        #expect(assign(&selection, 1, at: Self.later) == ["b"])
        selection.succeeded("a")
        #expect(assign(&selection, 1, at: Self.later) == ["a"])
    }

    @Test(
        "A relay that connects and then fails again is paused for longer, and not tried by mail before it connects anew"
    )
    func flapping() {
        var selection = selection("a", "b", failed: "a")
        _ = selection.beginChecks(at: Self.later)
        selection.checked("a", at: Self.later)
        #expect(assign(&selection, 1, at: Self.later) == ["a"])
        selection.failed("a", at: Self.later, reason: "421", random: 0.5)
        let next = Self.later + .seconds(2)
        #expect(selection.beginChecks(at: next - .milliseconds(1)) == [])
        #expect(assign(&selection, 1, at: next) == ["b"])
        #expect(selection.beginChecks(at: next) == ["a"])
        selection.failed("a", at: next, reason: "refused", random: 0.5)
        #expect(selection.beginChecks(at: next + .seconds(3)) == [])
    }

    @Test("A spare relay is ready again once it can be connected to: no mail is needed")
    func spare() {
        var selection = selection("a", "b", failed: "b")
        #expect(selection.beginChecks(at: Self.later) == ["b"])
        selection.checked("b", at: Self.later)
        selection.failed("a", at: Self.later, reason: "refused", random: 0.5)
        #expect(assign(&selection, 1, at: Self.later) == ["b"])
    }

    @Test("A mail that may be out already goes by the same relay again, unless that one is down")
    func unknown() {
        var selection = selection("a", "b", "c")
        #expect(selection.assign([.same(as: "b"), .same(as: "b")], at: Self.now) == ["b", "b"])
        selection.failed("b", at: Self.now, reason: "gone", random: 0.5)
        #expect(selection.assign([.same(as: "b")], at: Self.now) == ["a"])
        #expect(selection.assign([.same(as: "no longer there")], at: Self.now) == ["a"])
    }

    @Test("A mail that a relay kept silent at goes by another, if there is one")
    func silent() {
        var selection = selection("a", "b")
        #expect(selection.assign([.other(than: "a"), .first], at: Self.now) == ["b", "a"])
        selection.failed("b", at: Self.now, reason: "gone", random: 0.5)
        #expect(selection.assign([.other(than: "a")], at: Self.now) == ["a"])
    }

    @Test("Another list keeps what is known of the relays in both")
    func reload() {
        var selection = selection("a", "b", failed: "a")
        selection.replace(["c", "a"])
        #expect(selection.members.map(\.name) == ["c", "a"])
        #expect(!selection.members[1].breaker.isClosed)
        selection.succeeded("b")
        #expect(assign(&selection, 1) == ["c"])
    }
}

import Foundation

extension WebDriver {
    /// Opens `url` and returns when the page has loaded.
    package func navigate(to url: String) throws { try command("POST", "url", ["url": .string(url)]) }

    package func reload() throws { try command("POST", "refresh", [:]) }

    package func back() throws { try command("POST", "back", [:]) }

    package var currentURL: String { get throws { try command("GET", "url").string ?? "" } }

    package var title: String { get throws { try command("GET", "title").string ?? "" } }

    /// The document as it is now, as HTML.
    package var source: String { get throws { try command("GET", "source").string ?? "" } }

    /// Runs the body of a function in the page and returns what it returns. Needs JavaScript.
    @discardableResult
    package func executeScript(_ script: String, _ arguments: [JSON] = []) throws -> JSON {
        try command("POST", "execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    /// What the page and the browser wrote to the console since the last call: script errors, breaches of the content
    /// security policy, resources that failed.
    package func consoleMessages() throws -> [String] {
        let entries = try command("POST", "se/log", ["type": "browser"]).array ?? []
        return entries.map { "\($0["level"].string ?? ""): \($0["message"].string ?? "")" }
    }

    package struct Cookie: Sendable, Equatable {
        package let name: String
        package let value: String
        package let path: String
        package let isSecure: Bool
        package let isHTTPOnly: Bool
        /// `Lax`, `Strict` or `None`.
        package let sameSite: String?
    }

    /// The cookies that the current page would be sent with.
    package var cookies: [Cookie] {
        get throws {
            (try command("GET", "cookie").array ?? []).map { cookie in
                Cookie(
                    name: cookie["name"].string ?? "", value: cookie["value"].string ?? "",
                    path: cookie["path"].string ?? "", isSecure: cookie["secure"].bool ?? false,
                    isHTTPOnly: cookie["httpOnly"].bool ?? false, sameSite: cookie["sameSite"].string)
            }
        }
    }

    package func deleteCookies() throws { try command("DELETE", "cookie") }

    /// Goes on in the tab that a link has just opened (or is about to), and closes the one it stood on.
    package func moveToNewTab() throws {
        let old = try command("GET", "window")
        var handles: [JSON] = []
        try waitUntil("a new tab is open") { driver in
            handles = try driver.command("GET", "window/handles").array ?? []
            return handles.count > 1
        }
        try command("DELETE", "window")
        guard let new = handles.first(where: { $0 != old }) else { return }
        try command("POST", "window", ["handle": new])
    }

    /// Makes the browser what it was when it was new, as far as pages can tell.
    package func forget() throws {
        try navigate(to: "about:blank")
        try devTools("Network.clearBrowserCookies")
        try setViewport(width: 1280, height: 900)
        try setMedia()
        _ = try consoleMessages()
    }

    /// Presses keys, one after the other, wherever the focus is.
    package func press(_ keys: String) throws {
        let actions = keys.unicodeScalars.flatMap { key -> [JSON] in
            let value = JSON.string(String(key))
            return [["type": "keyDown", "value": value], ["type": "keyUp", "value": value]]
        }
        try command(
            "POST", "actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }
}

/// Keys without a character, to be mixed with text in `press` and `type` (WebDriver, section 17.4.2).
package enum Keyboard {
    package static let backspace = "\u{E003}"
    package static let tab = "\u{E004}"
    package static let enter = "\u{E007}"
    package static let escape = "\u{E00C}"
    package static let space = "\u{E00D}"
    package static let left = "\u{E012}"
    package static let up = "\u{E013}"
    package static let right = "\u{E014}"
    package static let down = "\u{E015}"
}

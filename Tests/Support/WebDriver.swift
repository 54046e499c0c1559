import Foundation

/// A headless Chromium, driven through chromedriver by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/).
///
/// Each has a driver, a browser and a profile of its own; all are gone with the last reference. A browser is heavy:
/// keep few at a time (a `.serialized` suite), and one for several steps.
package final class WebDriver: Sendable {
    /// How the browser presents itself to pages.
    package struct Options: Sendable {
        /// CSS pixels.
        package var width = 1280
        package var height = 900
        /// Preferred languages, most wanted first (`Accept-Language`).
        package var languages = ["id", "en"]
        /// False turns scripts off as a person would in the browser's settings.
        package var javaScript = true
        /// Names that lead to this machine, whatever their certificates; each on the ports of the addresses.
        package var hosts: [String] = []

        package init(
            width: Int = 1280, height: Int = 900, languages: [String] = ["id", "en"], javaScript: Bool = true,
            hosts: [String] = []
        ) {
            (self.width, self.height) = (width, height)
            (self.languages, self.javaScript, self.hosts) = (languages, javaScript, hosts)
        }
    }

    // Released in this order: the driver is gone before its folder is removed.
    private let process: Subprocess
    private let profile: TemporaryFolder
    private let endpoint: JSONEndpoint
    private let session: String

    package init(_ options: Options = Options()) throws {
        let profile = try TemporaryFolder()
        // The browser is not our child but the driver's, and would survive it.
        try profile.write("#!/bin/sh\nexec setpriv --pdeathsig KILL chromium \"$@\"\n", to: "browser", mode: 0o700)
        // What driver and browser leave about, caches and crash reports too, goes away with the profile.
        let (process, port) = try Self.startDriver(profile.path)
        self.process = process
        endpoint = JSONEndpoint(port: port)
        self.profile = profile
        let answer = try endpoint.send("POST", "/session", Self.capabilities(options, profile.path))
        guard let session = answer.body["value"]["sessionId"].string else {
            throw SupportFailure("chromedriver made no session: \(answer.body)\n\(process.transcript)")
        }
        self.session = session
        try setViewport(width: options.width, height: options.height)
    }

    /// The driver takes a port that is free on one family of addresses for both, and ends when somebody else has it on the
    /// other: then it is started anew.
    private static func startDriver(_ folder: String, attempts: Int = 5) throws -> (Subprocess, port: UInt16) {
        let process = try Subprocess(
            "chromedriver", ["--port=0"], environment: ["TMPDIR": folder, "HOME": folder])
        let told = try process.waitForLine(timeout: .seconds(30)) {
            $0.contains("started successfully") || $0.contains("port not available")
        }.text
        if let found = told.firstMatch(of: /started successfully on port (\d+)/), let port = UInt16(found.output.1) {
            return (process, port)
        }
        guard attempts > 1 else { throw SupportFailure("chromedriver has no port: \(told)") }
        return try startDriver(folder, attempts: attempts - 1)
    }

    /// The folder that driver and browser keep their files in.
    package var profilePath: String { profile.path }

    deinit { _ = try? endpoint.send("DELETE", "/session/\(session)") }

    private static func capabilities(_ options: Options, _ folder: String) -> JSON {
        let languages = options.languages.joined(separator: ",")
        var preferences: [String: JSON] = ["intl.accept_languages": .string(languages)]
        if !options.javaScript { preferences["profile.managed_default_content_settings.javascript"] = 2 }
        let rules = options.hosts.map { "MAP \($0) 127.0.0.1" }.joined(separator: ",")
        let mapping = rules.isEmpty ? [] : ["--host-resolver-rules=\(rules)", "--ignore-certificate-errors"]
        let arguments =
            mapping + [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--hide-scrollbars", "--user-data-dir=\(folder)/profile", "--lang=\(options.languages.first ?? "en")",
                "--accept-lang=\(languages)", "--window-size=\(options.width),\(options.height)",
            ]
        let chrome: JSON = [
            "binary": "\(folder)/browser", "args": .array(arguments.map(JSON.string)), "prefs": .object(preferences),
        ]
        return [
            "capabilities": [
                "alwaysMatch": [
                    "goog:chromeOptions": chrome, "goog:loggingPrefs": ["browser": "ALL"],
                    "unhandledPromptBehavior": "ignore",
                ]
            ]
        ]
    }

    /// Sends a command of the session and returns its value.
    @discardableResult
    func command(_ method: String, _ path: String, _ body: JSON? = nil, selector: String? = nil) throws -> JSON {
        let answer = try endpoint.send(method, "/session/\(session)/\(path)", body)
        guard answer.status == 200 else {
            let error = answer.body["value"]
            let message = error["message"].string ?? ""
            throw failure(
                Self.isStale(message) ? "stale element reference" : error["error"].string ?? "HTTP \(answer.status)",
                message, command: "\(method) \(path)", selector: selector)
        }
        return answer.body["value"]
    }

    /// An element that goes with its page while the driver asks the browser for it is told as an unknown error, in the
    /// browser's own words.
    private static func isStale(_ message: String) -> Bool {
        message.contains("Node with given id does not belong to the document")
    }

    /// A failure that shows the page as it is now.
    func failure(_ code: String, _ message: String, command: String, selector: String?) -> WebDriverError {
        func now(_ what: String) -> String? {
            try? endpoint.send("GET", "/session/\(session)/\(what)").body["value"].string
        }
        // The driver adds its own stack to the message.
        let sentence = message.prefix { $0 != "\n" }
        return WebDriverError(
            code: code, message: String(sentence), command: command, selector: selector,
            pageURL: now("url") ?? "no page", pageSource: now("source") ?? "no source")
    }

    /// Runs a command of the Chrome DevTools Protocol.
    @discardableResult
    package func devTools(_ name: String, _ parameters: JSON = [:]) throws -> JSON {
        try command("POST", "goog/cdp/execute", ["cmd": .string(name), "params": parameters])
    }
}

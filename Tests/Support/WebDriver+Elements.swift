extension WebDriver {
    /// An element of the page it was found on; it goes stale when that page is left.
    package struct Element: Sendable {
        let driver: WebDriver
        let identifier: String
        /// How it was found, for failures.
        package let selector: String

        /// The text a person sees.
        package var text: String { get throws { try get("text").string ?? "" } }

        /// The attribute as it stands in the page; nil if it is absent.
        package func attribute(_ name: String) throws -> String? {
            // The page's own spelling: `GET …/attribute` says "true" for every boolean attribute that is present.
            try get("attribute/\(name)").string
        }

        /// The live property, such as `value` of a field that was typed into.
        package func property(_ name: String) throws -> JSON { try get("property/\(name)") }

        /// The value of a CSS property as the browser computed it.
        package func style(_ name: String) throws -> String { try get("css/\(name)").string ?? "" }

        /// The accessible name: what a screen reader calls it.
        package var label: String { get throws { try get("computedlabel").string ?? "" } }

        /// The ARIA role, such as `button` or `dialog`.
        package var role: String { get throws { try get("computedrole").string ?? "" } }

        package var isDisplayed: Bool { get throws { try get("displayed").bool ?? false } }

        package var isEnabled: Bool { get throws { try get("enabled").bool ?? false } }

        /// Whether the keyboard's focus is on it.
        package var isFocused: Bool {
            get throws { try driver.activeElement.identifier == identifier }
        }

        /// Scrolls it into view and clicks its middle; fails if something else lies there. Waits for a page that this opens.
        package func click() throws { try post("click", [:]) }

        /// Types text and keys (`Keyboard`) into it, after what is there.
        package func type(_ keys: String) throws { try post("value", ["text": .string(keys)]) }

        /// Empties a field.
        package func clear() throws { try post("clear", [:]) }

        /// The first element inside that matches.
        package func find(_ css: String) throws -> Element {
            let found = try post("element", WebDriver.query(css), "\(selector) \(css)")
            return driver.element(found, "\(selector) \(css)")
        }

        private func get(_ what: String) throws -> JSON {
            try driver.command("GET", "element/\(identifier)/\(what)", selector: selector)
        }

        @discardableResult
        private func post(_ what: String, _ body: JSON, _ selector: String? = nil) throws -> JSON {
            try driver.command("POST", "element/\(identifier)/\(what)", body, selector: selector ?? self.selector)
        }
    }

    /// The first element that matches the CSS selector now.
    package func find(_ css: String) throws -> Element {
        element(try command("POST", "element", Self.query(css), selector: css), css)
    }

    /// All elements that match the CSS selector now, in the order of the page.
    package func findAll(_ css: String) throws -> [Element] {
        let found = try command("POST", "elements", Self.query(css), selector: css).array ?? []
        return found.map { element($0, css) }
    }

    /// The first displayed element that matches the CSS selector and shows exactly `text`, as a person would look for it.
    package func find(_ css: String, text: String) throws -> Element {
        guard let found = try findAll(css).first(where: { try $0.text == text }) else {
            let selector = "\(css) that shows \"\(text)\""
            throw failure("no such element", "none of those on the page", command: "find", selector: selector)
        }
        return found
    }

    /// The element that has the keyboard's focus; the body if none has.
    package var activeElement: Element { get throws { element(try command("GET", "element/active"), ":focus") } }

    /// Waits until an element that matches is on the page and displayed.
    ///
    /// WebDriver tells no events, so this and the other form look again and again (see `Eventually`); a page that a
    /// click or `navigate` opens has loaded when they return, and needs no wait.
    @discardableResult
    package func waitUntil(appears css: String, timeout: Duration = .seconds(10)) throws -> Element {
        var found: Element?
        try waitUntil("\(css) appears", selector: css, timeout: timeout) { driver in
            found = try driver.findAll(css).first { try $0.isDisplayed }
            return found != nil
        }
        // The wait returns only after a find.
        return found!
    }

    /// Waits until `condition` is true of the page; `what` says it in words.
    package func waitUntil(
        _ what: String, selector: String? = nil, timeout: Duration = .seconds(10),
        _ condition: (WebDriver) throws -> Bool
    ) throws {
        do {
            try Eventually.holds(what, timeout: timeout) {
                do { return try condition(self) } catch let error as WebDriverError {
                    // The page changed while it was looked at.
                    guard ["stale element reference", "no such element"].contains(error.code) else { throw error }
                    return false
                }
            }
        } catch let error as SupportFailure {
            throw failure("timeout", error.description, command: "wait", selector: selector)
        }
    }

    static func query(_ css: String) -> JSON { ["using": "css selector", "value": .string(css)] }

    func element(_ reference: JSON, _ selector: String) -> Element {
        // The one member of a reference has a name fixed by the standard (WebDriver, section 11).
        let identifier = reference["element-6066-11e4-a52e-4f735466cecf"].string ?? ""
        return Element(driver: self, identifier: identifier, selector: selector)
    }
}

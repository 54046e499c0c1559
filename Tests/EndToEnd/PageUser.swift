import Support
import Testing

/// How a person works a page: with the mouse, or with nothing but the keyboard.
struct PageUser {
    enum Tool { case mouse, keyboard }

    let browser: WebDriver
    let tool: Tool

    /// Presses the button, or follows the link, that shows exactly `text`; what is there for screen readers alone stands in a
    /// line of its own.
    func press(_ css: String, _ text: String) throws {
        let target = try browser.find(css, text: text)
        #expect(try target.label == text.replacing("\n", with: " "), "what a screen reader calls \(css)")
        switch tool {
        case .mouse: try target.click()
        case .keyboard:
            try tab(to: target)
            try browser.press(Keyboard.enter)
        }
    }

    /// Writes into the field that is labelled `label`, in place of what is there.
    func fill(_ css: String, _ label: String, with text: String) throws {
        let field = try browser.find(css)
        #expect(try field.label == label)
        switch tool {
        case .mouse:
            try field.clear()
            try field.type(text)
        case .keyboard:
            // The whole content of a field that Tab leads to is selected.
            try tab(to: field)
            try browser.press(text)
        }
    }

    /// Chooses a radio button: the first of its group, or with the arrow keys a later one.
    func choose(_ group: String, value: String) throws {
        let wanted = try browser.find("\(group)[value='\(value)']")
        switch tool {
        case .mouse: try wanted.click()
        case .keyboard:
            let all = try browser.findAll(group)
            try tab(to: try #require(all.first))
            try browser.press(Keyboard.space)
            for _ in all where try wanted.property("checked").bool != true { try browser.press(Keyboard.down) }
        }
        #expect(try wanted.property("checked").bool == true)
    }

    /// From the first page of Budi's login to an application to the last; each says what it is for.
    /// - Parameter log: told when the first page does not come.
    func logIn(to application: String, with code: String, ifNot log: String) throws {
        func expectPage(_ heading: String) throws {
            try browser.waitUntil("\(heading) is shown\n\(log)") { try $0.find("h1").text == heading }
            #expect(try browser.find(".entering").text == "Anda masuk ke: \(application)")
        }
        try expectPage("Form Login 1")
        try fill("#user_id", "User ID", with: "budi")
        try press("form button", "Login")
        try expectPage("Form Login 2")
        try fill("#password", "Password", with: Installation.password)
        try press("form button", "Login")
        try expectPage("Input Kode TOTP")
        try fill("#code", "Kode TOTP", with: code)
        try press("form button", "Login")
    }

    private func tab(to target: WebDriver.Element) throws {
        for _ in 0..<40 {
            if try target.isFocused {
                #expect(try target.style("outline-style") != "none", "\(target.selector) shows that it has the focus")
                return
            }
            try browser.press(Keyboard.tab)
        }
        throw SupportFailure("the keyboard does not reach \(target.selector) on \(try browser.currentURL)")
    }
}

import Foundation
import Glibc
import Support
import Testing

/// One browser at a time: each takes a core and 300 MB.
@Suite(.serialized) struct WebDriverTests {
    @Test func `a person's way through a page with scripts`() throws {
        let site = try Site()
        let browser = try WebDriver()
        try browser.navigate(to: site.url)
        #expect(try browser.title == "Halaman Utama")
        #expect(try browser.find("#language").text == "id,en;q=0.9")
        #expect(try browser.find("#script").text == "berjalan")
        #expect(try browser.executeScript("return navigator.languages[0] + arguments[0]", [1]) == "id1")

        let field = try browser.find("input[name=name]")
        #expect(try field.label == "Nama")
        try field.type("Budi")
        try field.clear()
        try field.type("Ayu" + Keyboard.tab)
        #expect(try browser.find("#open").isFocused)
        #expect(try field.property("value") == "Ayu")
        #expect(try field.attribute("name") == "name")
        #expect(try field.attribute("title") == nil)
        try field.type(Keyboard.enter)
        #expect(try browser.waitUntil(appears: "#sent").text == "Ayu")
        #expect(try browser.currentURL.hasSuffix("/sent?name=Ayu"))
        try browser.back()
        #expect(try browser.findAll("button").map { try $0.text } == ["LOGIN"])
    }

    @Test(arguments: [true, false])
    func `a popover opens by click and by keyboard, also without scripts`(javaScript: Bool) throws {
        let site = try Site()
        let browser = try WebDriver(WebDriver.Options(javaScript: javaScript))
        try browser.navigate(to: site.url)
        #expect(try browser.find("#script").text == (javaScript ? "berjalan" : "mati"))
        let popover = try browser.find("#choice")
        #expect(try !popover.isDisplayed)

        try browser.find("button", text: "LOGIN").click()
        #expect(try popover.isDisplayed)
        #expect(try popover.role == "dialog")
        try browser.press(Keyboard.escape)
        #expect(try !popover.isDisplayed)

        try browser.reload()
        try browser.press(Keyboard.tab + Keyboard.tab + Keyboard.enter)
        try browser.waitUntil(appears: "#choice")
        try browser.press(Keyboard.tab)
        #expect(try browser.activeElement.text == "PENYEDIA")
        try browser.press(Keyboard.enter)
        try browser.waitUntil("the link was followed") { try $0.currentURL.hasSuffix("#chosen") }
    }

    @Test func `pictures show the whole page, its colour scheme and its size`() throws {
        let site = try Site()
        let folder = try TemporaryFolder()
        let browser = try WebDriver(WebDriver.Options(width: 390, height: 844))
        try browser.navigate(to: site.url)
        #expect(try browser.executeScript("return [innerWidth, innerHeight]") == [390, 844])
        #expect(try browser.find("body").style("background-color") == "rgba(255, 255, 255, 1)")
        let picture = folder.file("page.png")
        try browser.screenshot(to: picture)
        // The code lies below the window.
        #expect(try Zbar.read(png: picture) == ["https://pulih.test"])

        try browser.setMedia(colorScheme: .dark, reducedMotion: true)
        #expect(try browser.find("body").style("background-color") == "rgba(0, 0, 0, 1)")
        try browser.setViewport(width: 1000, height: 500, scale: 2)
        #expect(try browser.executeScript("return [innerWidth, devicePixelRatio]") == [1000, 2])
    }

    @Test func `cookies and the console can be read`() throws {
        let site = try Site()
        let browser = try WebDriver()
        try browser.navigate(to: site.url)
        let cookie = try #require(try browser.cookies.first)
        #expect(cookie.name == "session" && cookie.value == "abc" && cookie.path == "/")
        #expect(cookie.isHTTPOnly && !cookie.isSecure && cookie.sameSite == "Lax")
        try browser.deleteCookies()
        #expect(try browser.cookies.isEmpty)

        _ = try browser.consoleMessages()
        try browser.executeScript("console.error('salah')")
        #expect(try browser.consoleMessages().contains { $0.hasPrefix("SEVERE") && $0.contains("salah") })
    }

    @Test func `a failure tells the command, the selector, the page and its source`() throws {
        let browser = try WebDriver()
        let page = "data:text/html,<p>Halaman</p>"
        try browser.navigate(to: page)
        let missing = #expect(throws: WebDriverError.self) { try browser.find("#missing") }
        #expect(missing?.code == "no such element")
        #expect(missing?.description.hasPrefix("no such element at POST element for #missing, on data:text") == true)
        #expect(missing?.pageSource.contains("<p>Halaman</p>") == true)
        let other = #expect(throws: WebDriverError.self) { try browser.find("p", text: "Halam") }
        #expect(other?.selector == "p that shows \"Halam\"")
        let late = #expect(throws: WebDriverError.self) {
            try browser.waitUntil(appears: "#missing", timeout: .milliseconds(100))
        }
        #expect(late?.code == "timeout")
        let broken = #expect(throws: WebDriverError.self) { try browser.executeScript("throw new Error('rusak')") }
        #expect(broken?.message.contains("rusak") == true)
    }

    @Test
    func `driver and browser are gone when the test runner is killed`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let browser = try WebDriver()
            FileHandle.standardOutput.write(Data("profile \(browser.profilePath);".utf8))
            raise(SIGKILL)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let profile = try #require(output.firstMatch(of: /profile (.*?);/)).1
        try Eventually.holds("no process uses the profile") {
            try Subprocess.run("pgrep", ["--full", "--", "user-data-dir=\(profile)"]).exit == .code(1)
        }
        try FileManager.default.removeItem(atPath: String(profile))
    }
}

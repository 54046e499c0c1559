import Foundation
import Support
import Testing

/// What WCAG 2.2 asks of every page in every state, as far as a browser can tell.
@Suite(.serialized, .browser())
struct AccessibilityTests {
    @Test("Every page: names, headings, targets, no sideways scrolling, and what colours and motion are asked for")
    func everyPage() throws {
        let installation = try Installation()
        try installation.configure(PageTour.applications(at: installation.portal))
        let service = try installation.start()
        let browser = try #require(SuiteBrowser.current)
        try browser.forget()
        var seen = 0
        let tour = PageTour(installation: installation, browser: browser) { name in
            seen += 1
            try checkStructure(browser, name)
            // 320 px wide is also what a screen of 1280 px shows at a zoom of 400 % (WCAG 1.4.10).
            for width in [320, 1280] {
                try browser.setViewport(width: width, height: 900)
                #expect(try scrollsSideways(browser) == false, "\(name) at \(width) px")
                #expect(try smallTargets(browser) == [], "\(name) at \(width) px")
                #expect(try crowdedCodes(browser) == 0, "\(name) at \(width) px")
            }
            try checkMedia(browser, name)
            let found = try Axe.violations(browser)
            #expect(found.isEmpty, "\(name): \(found)")
        }
        try tour.run()
        #expect(seen == 57, "pages in all")
        let refusals = /the server responded with a status of (400|401|403|404|410|422|429)/
        #expect(try browser.consoleMessages().filter { $0.firstMatch(of: refusals) == nil } == [])
        try service.stop(timeout: .seconds(15))
    }

    /// One h1, headings in order, a language, landmarks, and a name for all that can be worked.
    private func checkStructure(_ browser: WebDriver, _ name: String) throws {
        #expect(try browser.findAll("h1").count == 1, "\(name)")
        #expect(try browser.find("html").attribute("lang") == "id", "\(name)")
        #expect(try browser.findAll("main").count == 1, "\(name)")
        #expect(try browser.findAll("header").count == 1, "\(name)")
        let levels =
            try browser.executeScript(
                """
                return [...document.querySelectorAll("h1, h2, h3, h4")]
                  .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]));
                """
            ).array?.compactMap(\.number) ?? []
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 }, "\(name): headings skip from \(levels)")
        for element in try browser.findAll(
            "a[href], button:not([aria-hidden]), input:not([type=hidden], [aria-hidden]), summary, [popover], img")
        {
            guard try element.isDisplayed else { continue }
            let which = try element.attribute("id") ?? element.selector
            #expect(try element.label != "", "\(name): \(which) has a name")
        }
        let unlinked = try browser.executeScript(
            """
            return [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")]
              .flatMap((element) => ["aria-describedby", "aria-labelledby"].flatMap((name) =>
                (element.getAttribute(name) ?? "").split(" ").filter((id) => id && !document.getElementById(id))));
            """)
        #expect(unlinked.array == [], "\(name)")
    }

    private func scrollsSideways(_ browser: WebDriver) throws -> Bool? {
        try browser.executeScript("return document.documentElement.scrollWidth > document.documentElement.clientWidth;")
            .bool
    }

    /// What is smaller than 24 by 24 px and not a word in a sentence (WCAG 2.5.8).
    private func smallTargets(_ browser: WebDriver) throws -> [String] {
        try browser.executeScript(
            """
            return [...document.querySelectorAll("a[href], button:not([aria-hidden]), input:not([type=hidden]), summary")]
              .filter((element) => element.checkVisibility() && !element.matches(".unseen, .skip")
                && getComputedStyle(element).display !== "inline")
              .filter((element) => {
                const area = (element.type === "radio" ? element.closest("label") : element).getBoundingClientRect();
                return area.width < 24 || area.height < 24;
              })
              .map((element) => element.outerHTML.slice(0, 120));
            """
        ).array?.compactMap(\.string) ?? ["no answer"]
    }

    /// Recovery codes with another beside them that leaves its own number no room.
    private func crowdedCodes(_ browser: WebDriver) throws -> Double? {
        try browser.executeScript(
            """
            const places = [...document.querySelectorAll(".codes code")].map((code) => code.getBoundingClientRect());
            return places.filter((one) => places.some((other) =>
              other.top === one.top && other.left > one.left && other.left - one.right < 40)).length;
            """
        ).number
    }

    /// Buttons keep an edge where the browser takes the colours away; nothing moves for those who asked for calm.
    private func checkMedia(_ browser: WebDriver, _ name: String) throws {
        try browser.setMedia(reducedMotion: true, forcedColors: true)
        let lost = try browser.executeScript(
            """
            return [...document.querySelectorAll("button.button, a.button, input.input")]
              .filter((element) => element.checkVisibility() && parseFloat(getComputedStyle(element).borderTopWidth) === 0)
              .map((element) => element.outerHTML.slice(0, 120));
            """)
        #expect(lost.array == [], "\(name): no edge in forced colours")
        let moving = try browser.executeScript(
            """
            return [...document.querySelectorAll("*")].filter((element) => {
              const style = getComputedStyle(element);
              return [style.animationDuration, style.transitionDuration].some((time) => parseFloat(time) > 0.01);
            }).map((element) => element.outerHTML.slice(0, 120));
            """)
        #expect(moving.array == [], "\(name): moves")
        try browser.setMedia()
    }
}

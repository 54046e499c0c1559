import Testing

/// Each chapter whole, as people differ: in the other language, without scripts, without a mouse.
enum GuideChapterTests {
    private static let chapters: [Guide.Chapter] = [.activation, .reset, .disable]

    @Suite(.serialized, .browser())
    struct InIndonesian {
        @Test("A chapter by keyboard alone", arguments: chapters)
        func keyboard(_ chapter: Guide.Chapter) throws { try Guide.walk(chapter, tool: .keyboard) }
    }

    @Suite(.serialized, .browser(languages: ["en", "id"]))
    struct InEnglish {
        @Test("A chapter from the first step to the last, in English", arguments: chapters)
        func mouse(_ chapter: Guide.Chapter) throws { try Guide.walk(chapter, .english) }
    }

    @Suite(.serialized, .browser(javaScript: false))
    struct WithoutScripts {
        @Test("A chapter with JavaScript off", arguments: chapters)
        func mouse(_ chapter: Guide.Chapter) throws { try Guide.walk(chapter) }
    }
}

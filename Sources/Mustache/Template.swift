// Mustache: templates, parsed once, checked against a sample of their context, and rendered. It reads no file. Begin here.

/// A template in the Mustache language (mustache.github.io/mustache.5.html): parsed once, rendered many times, from any
/// thread.
///
/// Covers the specification's modules interpolation, sections, inverted, comments, delimiters and partials. Its optional
/// modules (lambdas, inheritance, dynamic names) are left out.
package struct Template: Sendable {
    /// The name given at parsing, usually the file's path; messages begin with it.
    package let name: String
    let escaping: Escaping
    let nodes: [Node]
    let sourceSize: Int

    /// - Parameters:
    ///   - source: the template's text.
    ///   - name: what messages call it, usually the file's path.
    ///   - escaping: what happens to printed values, also within the partials that this template includes.
    /// - Throws: the first fault found.
    package init(_ source: String, name: String, escaping: Escaping = .html) throws(TemplateError) {
        var parser = Parser(source, file: name)
        self.nodes = try parser.parse()
        self.name = name
        self.escaping = escaping
        self.sourceSize = source.utf8.count
    }

    /// Renders with `context`. A name that does not resolve, a list, a dictionary and an unknown partial print nothing;
    /// `problems(against:partials:)` finds them beforehand.
    ///
    /// Partials may include each other and themselves, to follow a tree in the context. When 100 sections and partials
    /// are nested they are taken to be endless: from there on this rendering includes no more partials.
    package func render(_ context: Value, partials: [String: Template] = [:]) -> String {
        String(decoding: renderBytes(context, partials: partials), as: UTF8.self)
    }

    /// The same as bytes of UTF-8.
    package func renderBytes(_ context: Value, partials: [String: Template] = [:]) -> [UInt8] {
        var renderer = Renderer(self, context: context, partials: partials)
        renderer.render(nodes)
        return renderer.output
    }

    /// Walks every branch of the template and its partials with a sample context, whatever the sample's flags say, and
    /// tells what would print nothing, in the order of the walk.
    ///
    /// - Parameters:
    ///   - sample: every name that callers will hand in, each list with at least one element; `absent` for a name that
    ///     has no value at times.
    ///   - partials: those that `render` will be given.
    /// - Returns: nothing if every name resolves.
    package func problems(against sample: Value, partials: [String: Template] = [:]) -> [Problem] {
        var checker = Checker(self, sample: sample, partials: partials)
        checker.check(nodes)
        return checker.problems
    }
}

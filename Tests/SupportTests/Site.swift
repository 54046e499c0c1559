import Support

/// A web site of two pages for the browser to visit, served by Python's http.server.
final class Site: Sendable {
    let url: String
    private let process: Subprocess

    init() throws {
        process = try Subprocess("/usr/bin/python3", ["-u", "-c", Self.program])
        url = "http://127.0.0.1:\(try process.waitForLine(matching: /^port (\d+)/).1)/"
    }

    private static let program = #"""
        import html, http.server, urllib.parse

        PAGE = """<!DOCTYPE html><html lang="id"><title>Halaman Utama</title>
        <meta name="viewport" content="width=device-width">
        <style>
        body { background: white; color: black; font: 18px sans-serif }
        @media (prefers-color-scheme: dark) { body { background: black; color: white } }
        [popover] { border: 2px solid; padding: 1em }
        svg { display: block; margin-top: 1200px; background: white; padding: 20px }
        </style>
        <p id="language">LANGUAGE</p><p id="script">mati</p>
        <script>document.getElementById("script").textContent = "berjalan"</script>
        <form action="/sent"><label>Nama <input name="name"></label></form>
        <button id="open" popovertarget="choice">LOGIN</button>
        <div id="choice" popover role="dialog" aria-label="Pilih Jenis User"><a href="#chosen">PENYEDIA</a></div>
        <svg width="290" height="290" viewBox="0 0 25 25" shape-rendering="crispEdges">MODULES</svg>"""

        CODE = """
        #######.####.#....#######
        #.....#.#..#..#.#.#.....#
        #.###.#..#...##.#.#.###.#
        #.###.#....##...#.#.###.#
        #.###.#.#..##.#...#.###.#
        #.....#.###.###.#.#.....#
        #######.#.#.#.#.#.#######
        ........##...#..#........
        ###..##.##.###.######..##
        #......#....#..#####.#.##
        ##.#..#####.#####.#####.#
        #..###....###.#.##...#...
        #..##.#####..###..#.....#
        ..##...##.#..####.##...##
        ##.##.#.####...##....##.#
        ..#.##.###...#.##..###...
        ###...#.##.###..#####..#.
        ........#...#...#...#...#
        #######...#.###.#.#.#...#
        #.....#.##.##.#.#...#...#
        #.###.#..##..########..##
        #.###.#...#..##..#..#.##.
        #.###.#.####...#.#.###.##
        #.....#.##...#..#.###....
        #######.##.###..#.#..#..#
        """.split()


        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                target = urllib.parse.urlsplit(self.path)
                if target.path == "/":
                    modules = "".join(
                        f'<rect x="{x}" y="{y}" width="1" height="1"/>'
                        for y, row in enumerate(CODE)
                        for x, module in enumerate(row)
                        if module == "#"
                    )
                    page = PAGE.replace("LANGUAGE", self.headers["Accept-Language"]).replace("MODULES", modules)
                else:
                    page = "<p id=sent>" + html.escape(urllib.parse.parse_qs(target.query).get("name", [""])[0])
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Set-Cookie", "session=abc; Path=/; HttpOnly; SameSite=Lax")
                self.end_headers()
                self.wfile.write(page.encode())


        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        print("port", server.server_port)
        server.serve_forever()
        """#
}

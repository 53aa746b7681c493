"""How does a test use a browser? Chromium without a screen, driven by the W3C's WebDriver."""

import base64
import http.client
import json
import os
import urllib.parse

from . import places
from .ports import accepts, free_port
from .server_process import ServerProcess
from .waiting import wait_until

# For a whole script of a page, promises included.
SCRIPT_SECONDS = 120
# For the browser's start; chromedriver's own patience is half of that.
START_SECONDS = 120
# For a command, a start of the browser on a busy machine included.
COMMAND_SECONDS = 180


class BrowserError(AssertionError):
    """What the driver, or a script of the page, complained about."""


class Browser:
    """A chromedriver and one Chromium, which reaches loopback only. A context manager."""

    def __init__(self, scratch):
        self._directory = scratch.directory("browser", mode=0o700)
        self._port = free_port()
        self._driver = None
        self._session = None
        self._home = None

    def __enter__(self):
        driver = places.tool("chromedriver")
        binary = places.tool("chromium")
        self._driver = ServerProcess(
            "chromedriver", [driver, f"--port={self._port}"], self._directory / "log",
            environment={"PATH": "/usr/bin:/bin", "HOME": self._directory, "LANG": "C.UTF-8",
                         "TMPDIR": self._directory})
        self._driver.start(lambda: accepts(self._port))
        try:
            answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                # of servers on loopback, whose authority no browser knows
                "acceptInsecureCerts": True,
                "timeouts": {"script": SCRIPT_SECONDS * 1000},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {"binary": binary, "args": self._arguments(),
                                       "browserStartupTimeout": START_SECONDS * 1000}}}})
        except BaseException:
            self._driver.stop()
            raise
        self._session = f"/session/{answer['sessionId']}"
        self._home = Window(self, self._session_call("GET", "/window"))
        return self

    def __exit__(self, *_):
        try:
            self._ask("DELETE", self._session)
        finally:
            self._driver.stop()

    def _arguments(self):
        arguments = [
            "--headless=new", f"--user-data-dir={self._directory / 'profile'}",
            # Rather than a port: when the driver is gone, so is the pipe, and Chromium ends.
            "--remote-debugging-pipe",
            # No screen, and no room in /dev/shm in many a container.
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            # What a browser asks the world by itself.
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-default-apps", "--no-first-run", "--no-default-browser-check",
            "--disable-breakpad",
            # Two windows, both of which count as seen.
            "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
        if os.geteuid() == 0:
            # Chromium's sandbox refuses root, whom only machines that are thrown away test as.
            arguments.append("--no-sandbox")
        return arguments

    def open(self, url):
        """A new window, at this address, once it is loaded."""
        # From the one that stays: a command from a window that is closed fails.
        handle = self._home._call("POST", "/window/new", {"type": "window"})["handle"]
        window = Window(self, handle)
        window.go(url)
        return window

    def _session_call(self, method, path, body=None):
        return self._ask(method, self._session + path, body)

    def _ask(self, method, path, body=None):
        """One command of the protocol; its value, or the driver's complaint as an exception."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=COMMAND_SECONDS)
        try:
            payload = json.dumps(body or {}) if method == "POST" else None
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            value = json.loads(reply.read())["value"]
        finally:
            connection.close()
        if reply.status != 200:
            raise BrowserError(f"{value['error']}: {value['message']}")
        return value


class Window:
    """One window. A command goes to whichever window is current: each makes itself that first."""

    def __init__(self, browser, handle):
        self._browser = browser
        self._handle = handle

    def _call(self, method, path, body=None):
        self._browser._session_call("POST", "/window", {"handle": self._handle})
        return self._browser._session_call(method, path, body)

    def go(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value that a function's body returns in the page; of a promise, what it comes to."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_until(self, condition):
        """Return once a condition on the page's elements, an expression, is true."""
        self.run("return new Promise((resolve) => {"
                 f" const look = () => ({condition}) && (observer.disconnect(), resolve());"
                 " const observer = new MutationObserver(look);"
                 " observer.observe(document, {subtree: true, childList: true, attributes: true,"
                 "                             characterData: true});"
                 " look(); })")

    def click(self, selector):
        """Click on what a person would click on: it must be visible and not covered."""
        self._call("POST", f"/element/{self._element(selector)}/click")

    def type(self, selector, text):
        self._call("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def text(self, selector):
        """The text that a person sees there."""
        return self._call("GET", f"/element/{self._element(selector)}/text")

    def _element(self, selector):
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def cookies(self):
        """Those that go with the page's address, as WebDriver words them."""
        return self._call("GET", "/cookie")

    def console(self):
        """What the page and the browser wrote to the console since the last call."""
        return self._call("POST", "/se/log", {"type": "browser"})

    def _network(self):
        """What any window's network did since the last call, as (method, parameters)."""
        messages = (json.loads(entry["message"])["message"]
                    for entry in self._call("POST", "/se/log", {"type": "performance"}))
        return [(message["method"], message["params"]) for message in messages]

    def forget_requests(self):
        self._network()

    def requests(self, path):
        """The requests to a path that any window has sent since the last call, with their headers
        as they went over the wire."""
        asked, sent = set(), {}

        def all_sent():
            # the network's own word of a request's headers may come after the page's, and after the reply
            for method, params in self._network():
                if method == "Network.requestWillBeSentExtraInfo":
                    sent.setdefault(params["requestId"], []).append(params)
                elif (method == "Network.requestWillBeSent"
                      and urllib.parse.urlsplit(params["request"]["url"]).path == path):
                    asked.add(params["requestId"])
            return asked <= set(sent)

        wait_until(all_sent, lambda: f"no headers of {asked - set(sent)}")
        return [params for number, all_params in sent.items() if number in asked for params in all_params]

    def resize(self, width, height):
        self._call("POST", "/window/rect", {"width": width, "height": height})

    def screenshot(self):
        """A PNG of what is visible."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def close(self):
        self._call("DELETE", "/window")

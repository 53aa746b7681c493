"""What does a client send to the server, and what happens when one of them is struck just then?"""

import contextlib
import socket
import struct
import threading

# Command bytes of the client's packets: COM_QUERY, COM_STMT_EXECUTE; COM_STMT_PREPARE.
QUERY = 3
STATEMENTS = {QUERY, 23}
PREPARES = {22}


class Between:
    """A socket between a client and the server; `on_statement(number, text)` is asked before each
    statement of these commands is passed on, and breaks the connection off by raising OSError;
    `on_answer(number)` when the server's answer begins to come."""

    def __init__(self, path, server, on_statement=None, on_answer=None, commands=STATEMENTS):
        self.path = path
        self._commands = commands
        self.statements = []
        self._server = str(server)
        self._on_statement = on_statement or (lambda number, text: None)
        self._on_answer = on_answer or (lambda number: None)
        self._asked = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)
        self.path.unlink(missing_ok=True)

    def _serve(self):
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            with client, socket.socket(socket.AF_UNIX) as server:
                server.connect(self._server)
                back = threading.Thread(target=self._answers, args=(server, client), daemon=True)
                back.start()
                self._questions(client, server)
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                back.join(20)

    def _answers(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if self._asked:
                    self._asked = False
                    self._on_answer(len(self.statements))
                client.sendall(data)
        # a server that was killed may also end the connection with an error
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _questions(self, client, server):
        with contextlib.suppress(OSError):
            while head := _exactly(client, 4):
                length, number = struct.unpack("<I", head[:3] + b"\0")[0], head[3]
                body = _exactly(client, length)
                if number == 0 and body and body[0] in self._commands:
                    # MySQL's clients say first that no attributes of the query follow
                    text = body[1:].removeprefix(b"\0\1") if body[0] == QUERY else body[1:]
                    self.statements.append(text.decode(errors="replace"))
                    self._on_statement(len(self.statements), self.statements[-1])
                    self._asked = True
                server.sendall(head + body)


def _exactly(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            return b""
        data += more
    return data

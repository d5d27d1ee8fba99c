#!/usr/bin/python3
"""A peer for interoperation tests on slixmpp 1.8: files by XEP-0096 over XEP-0065 and XEP-0047.

Options and lines are those of all peers here: see test/support/foreign-program.ts.
"""

import argparse
import asyncio
import hashlib
import json
import os
import ssl
import sys
import traceback
import uuid

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0065 import proxy as bytestreams
from slixmpp.plugins.xep_0096 import File
from slixmpp.xmlstream.handler import CoroutineCallback
from slixmpp.xmlstream.matcher import StanzaPath

SOCKS5 = 'http://jabber.org/protocol/bytestreams'
IBB = 'http://jabber.org/protocol/ibb'
METHODS = {'socks5': (SOCKS5, 'xep_0065'), 'ibb': (IBB, 'xep_0047')}
CHUNK = 16 * 1024


def tell(event, **values):
    print(json.dumps({'event': event, **values}), flush=True)


class Socks5Protocol(bytestreams.Socks5Protocol):
    """Keeps the bytes of its own stream together: the library tells of all streams with one nameless event, reads
    nothing that came behind the last answer, and never ends when the connection breaks before it."""

    def __init__(self, *args):
        super().__init__(*args)
        self.queue = asyncio.Queue()
        self._buffer = b''

    def data_received(self, data):
        if self.connected.done():
            self.queue.put_nowait(data)
            return
        self._buffer += data
        # An answer to the greeting has 2 bytes, one to the request 7 and its address.
        while not self.connected.done():
            wanted = 2 if self.selected_method == -1 else self._answer_length()
            if len(self._buffer) < wanted:
                return
            answer, self._buffer = self._buffer[:wanted], self._buffer[wanted:]
            super().data_received(answer)
        if self._buffer:
            self.queue.put_nowait(self._buffer)

    def _answer_length(self):
        kind = self._buffer[3] if len(self._buffer) > 4 else 3
        return {1: 10, 4: 22}.get(kind, 7 + (self._buffer[4] if len(self._buffer) > 4 else 0))

    def connection_lost(self, exc):
        if not self.connected.done():
            self.connected.set_exception(ConnectionError('The connection ended in the handshake.'))
        # Whoever waits for room to write would wait for good.
        if not self.paused.done():
            self.paused.set_result(None)
        self.queue.put_nowait(None)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, options):
        super().__init__(options.jid, os.environ['PEER_PASSWORD'])
        self.options = options
        self.methods = [METHODS[name] for name in options.methods.split(',')]
        bytestreams.Socks5Protocol = Socks5Protocol
        self.register_plugin('xep_0030')
        self.register_plugin('xep_0115')
        for name in ('xep_0020', 'xep_0065', 'xep_0047', 'xep_0095', 'xep_0096'):
            self.register_plugin(name)
        self.mend_stream_initiation()
        self.add_event_handler('session_start', self.on_session)
        self.add_event_handler('presence_available', self.on_presence)
        self.add_event_handler('failed_all_auth', lambda _: self.end(False, 'not signed in'))
        self.add_event_handler('si_request', self.on_offer)
        self.seen = asyncio.Event()
        # Whoever is signed in with a self-made certificate in a test is to be trusted.
        self.ssl_context = ssl.create_default_context()
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.get_ssl_context = lambda: self.ssl_context

    def mend_stream_initiation(self):
        """In 1.8 the handler of offers is a coroutine that nobody awaits, and the methods are in the reverse of
        their order."""
        plugin = self['xep_0095']
        self.remove_handler('SI Request')
        self.register_handler(
            CoroutineCallback('SI Request', StanzaPath('iq@type=set/si'), plugin._handle_request)
        )
        for method in list(plugin._methods):
            plugin.unregister_method(method)
        for order, (method, name) in enumerate(self.methods):
            plugin.register_method(method, name, order)

    async def on_session(self, _):
        self.send_presence()
        await self.get_roster()
        tell('online', jid=self.boundjid.full)
        if self.options.send is not None:
            try:
                await self.send_file(self.options.send)
            except IqError as error:
                self.end(False, error.condition)
            except Exception as error:
                traceback.print_exc()
                self.end(False, type(error).__name__)

    def on_presence(self, presence):
        if presence['from'] == self.options.to:
            self.seen.set()

    # Sending

    async def send_file(self, path):
        to = slixmpp.JID(self.options.to)
        sid = uuid.uuid4().hex
        about = File()
        about['name'] = os.path.basename(path)
        if not self.options.no_size:
            about['size'] = os.path.getsize(path)
        await self.seen.wait()
        answer = await self['xep_0095'].offer(
            to,
            sid=sid,
            mime_type='application/octet-stream',
            profile=File.namespace,
            # A bare name is not what its form takes.
            methods=[{'value': method} for method, _ in self.methods],
            payload=about,
        )
        method = answer['si']['feature_neg']['form'].get_values()['stream-method']
        if isinstance(method, list):
            method = method[0]
        tell('accepted', method=method)
        if self.options.close_without_answer:
            self.end(False, 'closed')
        elif method == SOCKS5:
            await self.send_over_socks5(path, to, sid)
        else:
            await self.send_in_band(path, to, sid)

    async def send_over_socks5(self, path, to, sid):
        stream = await self['xep_0065'].handshake(to, sid=sid, timeout=30)
        if stream is None:
            return self.end(False, 'no streamhost')
        for sent, chunk in self.chunks(path):
            if stream.transport.is_closing():
                return self.end(False, 'closed')
            await stream.write(chunk)
            tell('progress', bytes=sent)
            if self.is_enough(sent):
                stream.transport.abort()
                return self.end(False, 'cancelled')
            await asyncio.sleep(0)
        stream.transport.close()
        # The end of the connection is the end of the file.
        while await stream.queue.get() is not None:
            pass
        self.end_with(path)

    async def send_in_band(self, path, to, sid):
        stream = await self['xep_0047'].open_stream(to, sid=sid, block_size=4096)
        sent = 0
        with open(path, 'rb') as source:
            while chunk := source.read(stream.block_size):
                if stream.stream_in_closed:
                    return self.end(False, 'closed')
                await stream.send(chunk)
                sent += len(chunk)
                tell('progress', bytes=sent)
                if self.is_enough(sent):
                    break
        # libpurple leaves the closing unanswered.
        await asyncio.wait({stream.close()}, timeout=1)
        if sent < os.path.getsize(path):
            return self.end(False, 'cancelled')
        self.end_with(path)

    def chunks(self, path):
        sent = 0
        with open(path, 'rb') as source:
            while chunk := source.read(CHUNK):
                sent += len(chunk)
                yield sent, chunk

    def is_enough(self, count):
        return self.options.cancel_after is not None and count >= self.options.cancel_after

    # Receiving

    def on_offer(self, iq):
        asyncio.ensure_future(self.answer(iq))

    async def answer(self, iq):
        sid, sender = iq['si']['id'], iq['from']
        about = iq['si']['file']
        method = self['xep_0095']._pending[(self.boundjid, sid, sender)]['method']
        size = about._get_attr('size')
        tell('offered', name=about['name'], size=int(size) if size else None, method=method)
        if self.options.close_without_answer:
            return self.end(False, 'closed')
        if self.options.decline:
            await self['xep_0095'].decline(sender, sid, ifrom=self.boundjid)
            return tell('failed', reason='declined')
        started = asyncio.get_running_loop().create_future()
        self.add_event_handler(
            'stream:%s:%s' % (sid, sender), lambda stream: started.set_result(stream), disposable=True
        )
        await self['xep_0095'].accept(sender, sid, ifrom=self.boundjid)
        stream = await started
        path = os.path.join(self.options.receive, os.path.basename(about['name']))
        over_socks5 = isinstance(stream, Socks5Protocol)
        reader = self.read_socks5(stream) if over_socks5 else self.read_in_band(stream)
        count = 0
        with open(path, 'wb') as target:
            async for chunk in reader:
                target.write(chunk)
                count += len(chunk)
                tell('progress', bytes=count)
                if self.is_enough(count):
                    stream.transport.abort() if over_socks5 else stream.close()
                    return tell('failed', reason='cancelled')
        if over_socks5:
            stream.transport.close()
        if size and count != int(size):
            return tell('failed', reason='incomplete')
        tell('done', path=path, bytes=count, sha256=sha256(path))

    async def read_socks5(self, stream):
        while (chunk := await stream.queue.get()) is not None:
            yield chunk

    async def read_in_band(self, stream):
        ended = asyncio.Event()

        def on_end(which):
            if which is stream:
                ended.set()

        self.add_event_handler('ibb_stream_end', on_end)
        closing = asyncio.ensure_future(ended.wait())
        while True:
            block = asyncio.ensure_future(stream.recv_queue.get())
            await asyncio.wait({block, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not block.done():
                block.cancel()
                return
            yield block.result()

    # The end

    def end_with(self, path):
        tell('done', path=path, bytes=os.path.getsize(path), sha256=sha256(path))
        self.end(True)

    def end(self, ok, reason=None):
        if not ok:
            tell('failed', reason=reason)
        self.exit_status = 0 if ok else 1
        asyncio.ensure_future(self.leave())

    async def leave(self):
        await self.disconnect(wait=1)
        self.loop.stop()


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--jid', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--to')
    parser.add_argument('--send')
    parser.add_argument('--receive')
    parser.add_argument('--methods', default='socks5,ibb')
    # It has found the proxy by itself, and has nothing but proxies.
    parser.add_argument('--proxy')
    parser.add_argument('--proxy-only', action='store_true')
    parser.add_argument('--decline', action='store_true')
    parser.add_argument('--cancel-after', type=int)
    parser.add_argument('--close-without-answer', action='store_true')
    parser.add_argument('--no-size', action='store_true')
    peer = Peer(parser.parse_args())
    host, port = peer.options.server.rsplit(':', 1)
    peer.connect((host, int(port)))
    peer.loop.run_forever()
    sys.exit(peer.exit_status)


if __name__ == '__main__':
    main()

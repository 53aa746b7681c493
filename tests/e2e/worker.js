"use strict";
// pusher-js where there is no page: asks with fetch instead of XMLHttpRequest.

importScripts("pusher.worker.min.js", "page.js");

onmessage = async ({ data: { wsPort, headers, channel } }) => {
	postMessage(await outcome(client(wsPort, headers), channel));
};

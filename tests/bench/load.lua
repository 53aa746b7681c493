-- What does each client ask, and was every answer the one expected?
--
-- wrk must run with as many threads as connections: a thread then has one connection, whose answers come
-- in the order of its requests, so that each status can be compared with what that request deserves.
-- Arguments after "--": RESPONDER (null, floor, castgate), USERS, SEED, BATCH (channels a request; 0: a
-- single one without the batch form). The tables are those of data.py.

local mode, users, batch
local expected_status, expected_tickets
local thread_number = 0
local threads = {}

answered, wrong, refused, first_wrong = 0, 0, 0, ""

function setup(thread)
	thread_number = thread_number + 1
	thread:set("number", thread_number)
	table.insert(threads, thread)
end

function init(arguments)
	mode, users = arguments[1], tonumber(arguments[2])
	math.randomseed(tonumber(arguments[3]) * 1000 + number)
	math.random(); math.random(); math.random()
	batch = tonumber(arguments[4])
	wrk.method = "POST"
	wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

local function channel(user, k)
	local conversation = (user - 1 - k * (users / 40)) % users + 1
	return "private-chat." .. (conversation % 1000 + 1) .. ".conversation." .. conversation
end

-- Each kind of refusal is a quarter of a tenth: the request, castgate's status, the floor's.
local refusals = {
	function(user) return user + users, "plain-" .. user, channel(user, 0), 401, 401 end,
	function(user) return user, "wrong-" .. user, channel(user, 0), 401, 200 end,
	function(user) return user, "plain-" .. user, channel(user, 30), 403, 200 end,
	function(user)
		return user, "plain-" .. user, "private-chat.7.conversation." .. (user + users), 403, 403
	end,
}

local function ask(token, plain, fields)
	wrk.headers["Authorization"] = "Bearer " .. token .. "|" .. plain
	return wrk.format(nil, nil, nil, "socket_id=" .. math.random(1, 999999) .. "."
		.. math.random(1, 999999) .. fields)
end

local function ask_batch()
	local user = math.random(1, users / 100) -- these take part in twenty conversations
	local fields = {}
	for k = 0, batch - 1 do
		fields[k + 1] = "&channel_name%5B%5D=" .. channel(user, k)
	end
	expected_status, expected_tickets = 200, batch
	return ask(user, "plain-" .. user, table.concat(fields))
end

function request()
	if batch > 0 then return ask_batch() end
	local user = math.random(1, users)
	local token, plain, name, status, floor = user, "plain-" .. user, nil, 200, 200
	if math.random(1, 10) == 1 then
		token, plain, name, status, floor = refusals[math.random(1, #refusals)](user)
	else
		name = channel(user, math.random(0, 4))
	end
	if mode == "floor" then status = floor end
	if mode == "null" then status = 200 end
	expected_status = status
	expected_tickets = (status == 200 and mode ~= "null") and 1 or 0
	return ask(token, plain, "&channel_name=" .. name)
end

function response(status, headers, body)
	local tickets = 0
	if mode ~= "null" then
		local _, found = body:gsub('"auth":"[%w-]+:%x+"', "")
		tickets = found
	end
	answered = answered + 1
	if status >= 400 then refused = refused + 1 end
	if status ~= expected_status or tickets ~= expected_tickets then
		if wrong == 0 then
			first_wrong = status .. " with " .. tickets .. " tickets instead of " .. expected_status
				.. " with " .. expected_tickets
		end
		wrong = wrong + 1
	end
end

function done(summary, latency)
	local total, bad, no, first = 0, 0, 0, ""
	for _, thread in ipairs(threads) do
		total = total + thread:get("answered")
		bad = bad + thread:get("wrong")
		no = no + thread:get("refused")
		if first == "" then first = thread:get("first_wrong") end
	end
	local errors = summary.errors
	print(string.format('{"answered":%d,"wrong":%d,"refused":%d,"first_wrong":"%s","errors":%d,'
		.. '"seconds":%.4f,"p50_ms":%.3f,"p99_ms":%.3f}', total, bad, no, first,
		errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
		latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

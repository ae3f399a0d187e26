<?php
// A Server URL in plain PHP: SERVER_URL_SECRET=… php -S 127.0.0.1:3000 receiver.php
$secret = getenv('SERVER_URL_SECRET');
$key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6)) : $secret;
$tools = ['findSlots' => fn(array $args) => "On {$args['day']} nine o'clock is free."];

function reply(int $status, array $body): never
{
    http_response_code($status);
    header('content-type: application/json');
    exit(json_encode($body));
}

function isSigned(string $key, string $body): bool
{
    [$id, $at] = [$_SERVER['HTTP_WEBHOOK_ID'] ?? '', $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? ''];
    if (!ctype_digit($at) || abs(time() - (int) $at) > 300) return false;
    $mac = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
    $given = explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');
    return array_filter($given, fn($one) => hash_equals($mac, $one)) !== [];
}

$body = file_get_contents('php://input');
if ($_SERVER['REQUEST_METHOD'] !== 'POST') reply(405, ['error' => 'A Server URL takes POST.']);
if (!isSigned($key, $body)) reply(401, ['error' => 'The signature does not fit.']);
$message = json_decode($body, true)['message'] ?? null;
if (json_last_error() !== JSON_ERROR_NONE) reply(400, ['error' => 'The body is not JSON.']);
if (!is_array($message)) reply(200, ['received' => true]);

// Each request is a process of its own here: to handle an id once, keep `webhook-id` in a table with a unique key.
if (($message['type'] ?? '') === 'function-call') {
    $call = $message['functionCall'];
    $run = $tools[$call['name']] ?? null;
    reply(200, $run ? ['result' => $run($call['parameters'])] : ['error' => "There is no tool {$call['name']}."]);
}
if (($message['type'] ?? '') === 'end-of-call-report') error_log("report of {$message['call']['id']}");
reply(200, ['received' => true]); // 200 for every other type, also those that come later

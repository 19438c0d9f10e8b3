#ifndef GRADMATCH_SERVER_HTTP_HTTP_HEAD_H_
#define GRADMATCH_SERVER_HTTP_HTTP_HEAD_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/http_error.h"

namespace gradmatch {

// Rules about heads of requests and answers. Pure.

// Why a request's framing is refused, in Chinese; empty when it is sound: two
// parsers, ours and a proxy's, then agree where it ends. `headers` are as sent.
std::string_view FramingProblem(
    std::string_view method,
    const std::vector<std::pair<std::string_view, std::string_view>>& headers);

// The answer to it, and to what is no HTTP at all.
HttpReply BadFraming(std::string_view what);

// Status line and headers up to the empty line, which is the caller's. Every
// answer forbids browsers to guess types and to run or frame anything.
std::string ResponseHead(int status, const HttpHeaders& headers, bool close);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_HTTP_HEAD_H_

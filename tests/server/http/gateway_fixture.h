#ifndef GRADMATCH_TESTS_SERVER_HTTP_GATEWAY_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_HTTP_GATEWAY_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/http/json_codec.h"
#include "tests/server/http/http_client.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {

// A server with one source, and what it answers over HTTP in short.
class GatewayTest : public ServicesTest {
 protected:
  int port() { return server_.server().http_port(); }

  static std::string Json(const google::protobuf::Message& message) {
    return MessageToJson(message).value();
  }
  template <typename Message>
  static Message Parse(const std::string& json) {
    Message message;
    const absl::Status status = JsonToMessage(json, "", message);
    EXPECT_TRUE(status.ok()) << json << status.message();
    return message;
  }
  // "404 POSTING_NOT_FOUND"; with the wrong field where there is one.
  static std::string ErrorOf(const HttpClient::Response& response) {
    std::string out = absl::StrCat(response.status);
    if (response.status < 400) return out;
    google::rpc::Status status;
    if (!JsonToMessage(response.body, "", status).ok()) {
      return out + " no google.rpc.Status: " + response.body;
    }
    google::rpc::ErrorInfo info;
    for (const auto& detail : status.details()) {
      if (!detail.UnpackTo(&info)) continue;
      absl::StrAppend(&out, " ", info.reason());
      const auto field = info.metadata().find("field");
      if (field != info.metadata().end()) {
        absl::StrAppend(&out, " ", field->second);
      }
    }
    return out;
  }
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_HTTP_GATEWAY_FIXTURE_H_

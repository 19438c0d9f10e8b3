// Tokens as operators work with them: over the socket, on a running server.
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/token_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "index/base/error.h"
#include "index/base/mutex.h"
#include "index/file_system.h"
#include "server/identity/access_gate.h"
#include "server/rpc_status.h"
#include "tests/server/identity/identity_world.h"

namespace gradmatch {
namespace {

using Stub = v1::TokenService::Stub;

class TokenServiceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new IdentityWorld(); }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  std::unique_ptr<Stub> tokens() {
    return v1::TokenService::NewStub(
        world_->server().ChannelWith(world_->bootstrap()));
  }
  template <typename Method, typename Request, typename Response>
  absl::Status Call(Method method, const Request& request, Response& response) {
    return world_->server().Call(tokens(), method, request, response);
  }
  // What the bearer of a source's token gets: "OK", or the reason.
  std::string Try(const std::string& bearer) {
    const auto stub =
        v1::SourceService::NewStub(world_->server().ChannelWith(bearer));
    v1::GetSourceRequest request;
    request.set_name("sources/gd");
    v1::Source source;
    const absl::Status status = world_->server().Call(
        stub, &v1::SourceService::Stub::GetSource, request, source);
    return status.ok() ? "OK" : ReasonOf(status);
  }
  std::vector<v1::AuditEntry> Audit(const std::string& method) {
    const auto stub = v1::AdminService::NewStub(
        world_->server().ChannelWith(world_->bootstrap()));
    v1::ListAuditEntriesRequest request;
    request.set_method(method);
    request.set_page_size(1'000);
    v1::ListAuditEntriesResponse response;
    EXPECT_TRUE(world_->server()
                    .Call(stub, &v1::AdminService::Stub::ListAuditEntries,
                          request, response)
                    .ok());
    return {response.audit_entries().begin(), response.audit_entries().end()};
  }

  static IdentityWorld* world_;
};
IdentityWorld* TokenServiceTest::world_ = nullptr;

TEST_F(TokenServiceTest, ASecretIsAnsweredOnceAndNeverAgain) {
  const auto issued = world_->Issue(world_->TokenOf("source"), "once");
  EXPECT_TRUE(absl::StartsWith(issued.bearer(), "gm_once_"));
  const std::string secret = issued.bearer().substr(8);
  v1::GetTokenRequest get;
  get.set_name("tokens/once");
  v1::Token token;
  ASSERT_TRUE(Call(&Stub::GetToken, get, token).ok());
  EXPECT_EQ(token.state(), v1::Token::STATE_ACTIVE);
  EXPECT_EQ(token.DebugString().find(secret), std::string::npos);
  v1::ListTokensResponse list;
  ASSERT_TRUE(Call(&Stub::ListTokens, v1::ListTokensRequest(), list).ok());
  EXPECT_GE(list.tokens_size(), 2);
  EXPECT_EQ(list.DebugString().find(secret), std::string::npos);
  for (const std::string& line : world_->server().log_lines()) {
    EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST_F(TokenServiceTest, RotationAndRevocationAreInForceForTheNextCall) {
  const std::string first =
      world_->Issue(world_->TokenOf("source"), "turn").bearer();
  v1::RotateTokenRequest rotate;
  rotate.set_name("tokens/turn");
  v1::IssuedToken second;
  ASSERT_TRUE(Call(&Stub::RotateToken, rotate, second).ok());
  EXPECT_EQ(Try(first), "OK") << "24 hours by default";
  EXPECT_EQ(Try(second.bearer()), "OK");
  rotate.mutable_overlap();  // none
  v1::IssuedToken third;
  ASSERT_TRUE(Call(&Stub::RotateToken, rotate, third).ok());
  EXPECT_EQ(Try(second.bearer()), "TOKEN_INVALID");
  EXPECT_EQ(Try(third.bearer()), "OK");
  v1::RevokeTokenRequest revoke;
  revoke.set_name("tokens/turn");
  revoke.set_purpose("泄露");
  v1::Token token;
  ASSERT_TRUE(Call(&Stub::RevokeToken, revoke, token).ok());
  EXPECT_EQ(Try(third.bearer()), "TOKEN_REVOKED");
}

// A stream that was begun with a good token ends with its next batch.
TEST_F(TokenServiceTest, RevocationEndsAStreamThatIsOpen) {
  const std::string bearer =
      world_->Issue(world_->TokenOf("source"), "stream").bearer();
  const auto stub =
      v1::PostingService::NewStub(world_->server().ChannelWith(bearer));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const auto stream = stub->SyncPostings(&context);
  v1::SyncPostingsRequest request;
  request.mutable_begin()->set_source("sources/gd");
  request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  ASSERT_TRUE(stream->Write(request));
  v1::SyncPostingsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  v1::RevokeTokenRequest revoke;
  revoke.set_name("tokens/stream");
  v1::Token token;
  ASSERT_TRUE(Call(&Stub::RevokeToken, revoke, token).ok());
  request.Clear();
  *request.mutable_row()->mutable_upsert() = GoodPosting("after-revocation");
  stream->Write(request);
  EXPECT_FALSE(stream->Read(&response)) << "rows were taken";
  EXPECT_EQ(ReasonOf(FromGrpcStatus(stream->Finish())), "TOKEN_REVOKED");
  const auto postings =
      v1::PostingService::NewStub(world_->ChannelOf("platform"));
  v1::GetPostingRequest get;
  get.set_name("sources/gd/postings/after-revocation");
  v1::Posting posting;
  EXPECT_TRUE(absl::IsNotFound(world_->server().Call(
      postings, &v1::PostingService::Stub::GetPosting, get, posting)));
}

TEST_F(TokenServiceTest, WhatIsWrongWithATokenIsSaid) {
  const auto refuse = [&](auto change) {
    v1::CreateTokenRequest request;
    request.mutable_token()->set_role(v1::Token::ROLE_VIEWER);
    change(request);
    v1::IssuedToken issued;
    return Summary(Call(&Stub::CreateToken, request, issued));
  };
  const auto now = absl::ToUnixSeconds(world_->server().clock().Now());
  using Request = v1::CreateTokenRequest;
  EXPECT_EQ(refuse([](Request& r) { r.set_token_id("A"); }),
            "INVALID_ARGUMENT NAME_INVALID token_id");
  EXPECT_EQ(refuse([](Request& r) { r.mutable_token()->clear_role(); }),
            "INVALID_ARGUMENT FIELD_MISSING token.role");
  EXPECT_EQ(refuse([](Request& r) {
              r.mutable_token()->set_role(v1::Token::ROLE_SOURCE);
            }),
            "INVALID_ARGUMENT FIELD_MISSING token.tenant");
  EXPECT_EQ(refuse([](Request& r) {
              r.mutable_token()->set_role(v1::Token::ROLE_SOURCE);
              r.mutable_token()->set_tenant("staff/s-1");
            }),
            "INVALID_ARGUMENT NAME_INVALID token.tenant");
  EXPECT_EQ(refuse([](Request& r) {
              r.mutable_token()->set_role(v1::Token::ROLE_SOURCE);
              r.mutable_token()->set_tenant("sources/none");
            }).substr(0, 26),
            "NOT_FOUND SOURCE_NOT_FOUND");
  EXPECT_EQ(
      refuse([](Request& r) { r.mutable_token()->set_tenant("sources/gd"); }),
      "INVALID_ARGUMENT FIELD_INVALID token.tenant");
  EXPECT_EQ(refuse([](Request& r) {
              r.mutable_token()->add_scopes("GraduateService");
            }),
            "INVALID_ARGUMENT FIELD_INVALID token.scopes[0]");
  EXPECT_EQ(refuse([&](Request& r) {
              r.mutable_token()->mutable_expire_time()->set_seconds(now);
            }),
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE token.expire_time");
  EXPECT_EQ(refuse([&](Request& r) {
              r.mutable_token()->mutable_expire_time()->set_seconds(
                  now + 401 * 86'400);
            }),
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE token.expire_time");
}

TEST_F(TokenServiceTest, EverythingIsInTheAuditWithWhoDidIt) {
  world_->Issue(world_->TokenOf("viewer"), "audited");
  const auto entries = Audit("TokenService.CreateToken");
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries[0].resource(), "tokens/audited");
  EXPECT_EQ(entries[0].purpose(), "viewer");
  EXPECT_EQ(entries[0].role(), "operator");
  EXPECT_TRUE(absl::StartsWith(entries[0].principal(), "token/bootstrap-"));
  for (const char* method :
       {"TokenService.ListTokens", "TokenService.GetToken",
        "TokenService.RotateToken", "TokenService.RevokeToken"}) {
    // Of the tests above, if they ran.
    for (const v1::AuditEntry& entry : Audit(method)) {
      EXPECT_EQ(entry.role(), "operator") << method;
    }
  }
}

// A thousand knocks leave a handful of entries, with the reason and no more.
TEST_F(TokenServiceTest, FailuresAreInTheAuditInBoundedNumber) {
  world_->server().clock().Advance(absl::Hours(2));
  const auto before = Audit("(any)").size();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Try("gm_nobody_" + std::string(64, 'b')), "TOKEN_INVALID");
  }
  const auto entries = Audit("(any)");
  EXPECT_GE(entries.size(), before + 5);
  EXPECT_LE(entries.size(), before + 7);
  EXPECT_EQ(entries[0].result(), "TOKEN_INVALID");
  EXPECT_EQ(entries[0].principal(), "unknown");
  EXPECT_EQ(entries[0].DebugString().find("nobody"), std::string::npos);
}

// Only our own HTTP listener may say that it is that.
TEST_F(TokenServiceTest, AMadeUpHopIsRefused) {
  const auto stub = v1::SourceService::NewStub(world_->ChannelOf("platform"));
  v1::GetSourceRequest request;
  request.set_name("sources/gd");
  for (const char* hop : {"", "x", "0000"}) {
    grpc::ClientContext context;
    context.AddMetadata(kHopHeader, hop);
    context.AddMetadata(kPeerUriHeader, "spiffe://gradmatch/operator");
    v1::Source source;
    const absl::Status status =
        FromGrpcStatus(stub->GetSource(&context, request, &source));
    EXPECT_EQ(ReasonOf(status), "TOKEN_INVALID") << hop;
  }
  grpc::ClientContext twice;
  twice.AddMetadata(kAuthorizationHeader, "Bearer " + world_->bootstrap());
  v1::Source source;
  EXPECT_EQ(ReasonOf(FromGrpcStatus(stub->GetSource(&twice, request, &source))),
            "TOKEN_INVALID")
      << "two tokens";
}

// Who only wants to know whether it lives has no token.
TEST_F(TokenServiceTest, HealthIsOpenAndReflectionIsNot) {
  const auto nobody = world_->server().ChannelWith("");
  const auto health = grpc::health::v1::Health::NewStub(nobody);
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_TRUE(health->Check(&context, {}, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  grpc::GenericStub any(nobody);
  grpc::ClientContext asking;
  const grpc::Slice empty("");
  const grpc::ByteBuffer nothing(&empty, 1);
  grpc::ByteBuffer answer;
  Mutex mu;
  CondVar done;
  std::optional<grpc::Status> status;
  any.UnaryCall(&asking,
                "/grpc.reflection.v1alpha.ServerReflection/"
                "ServerReflectionInfo",
                grpc::StubOptions(), &nothing, &answer, [&](grpc::Status s) {
                  MutexLock lock(mu);
                  status = std::move(s);
                  done.NotifyOne();
                });
  MutexLock lock(mu);
  while (!status.has_value()) done.Wait(mu);
  EXPECT_EQ(status->error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(TokenServiceTest, StaffReadsOfAPersonAreKept) {
  const auto stub = v1::MatchService::NewStub(world_->ChannelOf("staff"));
  v1::ExplainMatchRequest request;
  request.set_graduate("graduates/g-1");
  request.set_posting("sources/gd/postings/A-1");
  v1::ExplainMatchResponse response;
  const auto before = Audit("MatchService.ExplainMatch").size();
  ASSERT_TRUE(
      world_->server()
          .Call(stub, &v1::MatchService::Stub::ExplainMatch, request, response)
          .ok());
  const auto entries = Audit("MatchService.ExplainMatch");
  ASSERT_EQ(entries.size(), before + 1);
  EXPECT_EQ(entries[0].role(), "staff");
  EXPECT_TRUE(absl::StartsWith(entries[0].resource(), "pseudonyms/"));
}

// Not in the fixture's world: it is made again.
TEST(TokenThrottleTest, AnAddressThatFailsTooOftenIsToldToWait) {
  IdentityWorld world(TestServer::Settings{{"auth.failures_per_minute", "10"}});
  const auto stub = v1::SourceService::NewStub(world.server().ChannelWith("x"));
  v1::GetSourceRequest request;
  request.set_name("sources/gd");
  v1::Source source;
  absl::Status status;
  for (int i = 0; i < 11; ++i) {
    status = world.server().Call(stub, &v1::SourceService::Stub::GetSource,
                                 request, source);
  }
  EXPECT_EQ(ReasonOf(status), "QUOTA_EXCEEDED");
  // Whoever has a token gets in, from the same address.
  const auto good = v1::SourceService::NewStub(world.ChannelOf("source"));
  EXPECT_TRUE(
      world.server()
          .Call(good, &v1::SourceService::Stub::GetSource, request, source)
          .ok());
}

TEST(TokenRestartTest, TokensWorkAfterARestartAndNoOtherIsWritten) {
  IdentityWorld world;
  const std::string source = world.Bearer("source");
  const std::string first = *ReadFile(world.bootstrap_file());
  world.server().Stop();
  TestServer::Settings settings = {
      {"auth.mode", "tokens"}, {"auth.bootstrap_file", world.bootstrap_file()}};
  world.server().Start(settings);
  EXPECT_EQ(*ReadFile(world.bootstrap_file()), first);
  const auto stub =
      v1::SourceService::NewStub(world.server().ChannelWith(source));
  v1::GetSourceRequest request;
  request.set_name("sources/gd");
  v1::Source response;
  EXPECT_TRUE(
      world.server()
          .Call(stub, &v1::SourceService::Stub::GetSource, request, response)
          .ok());
}

}  // namespace
}  // namespace gradmatch

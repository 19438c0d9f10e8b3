#include "server/identity/token_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/vault/sodium.h"
#include "server/audit.h"
#include "server/identity/token_checks.h"
#include "server/identity/token_store.h"
#include "server/page_token.h"
#include "server/resource_name.h"
#include "server/source_registry.h"
#include "server/staff_registry.h"

namespace gradmatch {
namespace {

// The one it is for must be there: a token for a source that somebody makes
// later would be that one's.
absl::Status CheckTenantExists(const Engine& engine, const v1::Token& token) {
  const std::string id = CallerOf(token).tenant;
  if (token.role() == v1::Token::ROLE_SOURCE) {
    return engine.sources.Get(id).status();
  }
  if (token.role() == v1::Token::ROLE_STAFF) {
    return engine.staff.Get(id).status();
  }
  return absl::OkStatus();
}

std::string NewTokenId() {
  constexpr size_t kBytes = 6;
  return absl::StrCat("t-", absl::BytesToHexString(RandomBytes(kBytes)));
}

// What the audit keeps of a new token: for whom, and as what.
std::string Described(const v1::Token& token) {
  return absl::StrCat(A(CallerRoleName(CallerOf(token).role)),
                      token.tenant().empty() ? "" : " ", token.tenant());
}

absl::Status Create(const Runtime& runtime, const RpcContext& rpc,
                    const v1::CreateTokenRequest& request,
                    v1::IssuedToken& response) {
  const Engine& engine = runtime.engine();
  absl::Status right = CheckNewToken(request, runtime.clock.Now());
  if (right.ok()) right = CheckTenantExists(engine, request.token());
  if (!right.ok()) return right;
  const std::string id =
      request.token_id().empty() ? NewTokenId() : request.token_id();
  return RunAudited(engine.audit, rpc,
                    {TokenNameOf(id), Described(request.token())},
                    [&]() -> absl::Status {
                      auto issued = engine.bearers.Create(id, request.token());
                      if (issued.ok()) response = *std::move(issued);
                      return issued.status();
                    });
}

absl::Status Get(const Engine& engine, const RpcContext& rpc,
                 const v1::GetTokenRequest& request, v1::Token& response) {
  const auto id = ParseTokenName("name", request.name());
  if (!id.ok()) return id.status();
  return RunAudited(engine.audit, rpc, {TokenNameOf(*id), ""},
                    [&]() -> absl::Status {
                      auto token = engine.bearers.Get(*id);
                      if (token.ok()) response = *std::move(token);
                      return token.status();
                    });
}

absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListTokensRequest& request,
                  v1::ListTokensResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto after = engine.tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  return RunAudited(engine.audit, rpc, {"tokens", ""}, [&]() -> absl::Status {
    std::vector<v1::Token> tokens =
        engine.bearers.List(*after, static_cast<size_t>(*size) + 1);
    const bool more = tokens.size() > static_cast<size_t>(*size);
    if (more) tokens.pop_back();
    if (more) {
      const std::string& last = tokens.back().name();
      response.set_next_page_token(engine.tokens.Make(
          rpc.page_scope(), request, last.substr(last.find('/') + 1)));
    }
    for (v1::Token& token : tokens) {
      *response.add_tokens() = std::move(token);
    }
    return absl::OkStatus();
  });
}

absl::Status Rotate(const Runtime& runtime, const RpcContext& rpc,
                    const v1::RotateTokenRequest& request,
                    v1::IssuedToken& response) {
  const auto id = ParseTokenName("name", request.name());
  if (!id.ok()) return id.status();
  const auto overlap = OverlapOf(request);
  if (!overlap.ok()) return overlap.status();
  const auto expiry = NewExpiryOf(request, runtime.clock.Now());
  if (!expiry.ok()) return expiry.status();
  const Engine& engine = runtime.engine();
  return RunAudited(
      engine.audit, rpc, {TokenNameOf(*id), ""}, [&]() -> absl::Status {
        auto issued = engine.bearers.Rotate(*id, *overlap, *expiry);
        if (issued.ok()) response = *std::move(issued);
        return issued.status();
      });
}

absl::Status Revoke(const Engine& engine, const RpcContext& rpc,
                    const v1::RevokeTokenRequest& request,
                    v1::Token& response) {
  const auto id = ParseTokenName("name", request.name());
  if (!id.ok()) return id.status();
  absl::Status right = CheckRevocation(request);
  if (!right.ok()) return right;
  return RunAudited(engine.audit, rpc, {TokenNameOf(*id), request.purpose()},
                    [&]() -> absl::Status {
                      auto token = engine.bearers.Revoke(*id);
                      if (token.ok()) response = *std::move(token);
                      return token.status();
                    });
}

}  // namespace

grpc::ServerUnaryReactor* TokenServiceImpl::CreateToken(
    grpc::CallbackServerContext* context, const v1::CreateTokenRequest* request,
    v1::IssuedToken* response) {
  return RunUnary(
      runtime_, context, request, response, "TokenService.CreateToken",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* TokenServiceImpl::GetToken(
    grpc::CallbackServerContext* context, const v1::GetTokenRequest* request,
    v1::Token* response) {
  return RunUnary(
      runtime_, context, request, response, "TokenService.GetToken",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Get(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* TokenServiceImpl::ListTokens(
    grpc::CallbackServerContext* context, const v1::ListTokensRequest* request,
    v1::ListTokensResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "TokenService.ListTokens",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* TokenServiceImpl::RotateToken(
    grpc::CallbackServerContext* context, const v1::RotateTokenRequest* request,
    v1::IssuedToken* response) {
  return RunUnary(
      runtime_, context, request, response, "TokenService.RotateToken",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Rotate(runtime_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* TokenServiceImpl::RevokeToken(
    grpc::CallbackServerContext* context, const v1::RevokeTokenRequest* request,
    v1::Token* response) {
  return RunUnary(
      runtime_, context, request, response, "TokenService.RevokeToken",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Revoke(runtime_.engine(), rpc, q, r);
      });
}

}  // namespace gradmatch

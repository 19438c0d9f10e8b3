#include "server/tls/trial_certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* x509) const { X509_free(x509); }
  void operator()(X509_EXTENSION* one) const { X509_EXTENSION_free(one); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

absl::Status Refused(std::string_view what) {
  char text[256] = "";
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(
      "no certificate can be made: ", std::string(what), ": ", text));
}

template <typename WriteTo>
std::string ToPem(WriteTo write) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  write(out.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

Owned<X509> ReadCertificate(const std::string& pem) {
  const Owned<BIO> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<X509>(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
}

Owned<EVP_PKEY> ReadKey(const std::string& pem) {
  const Owned<BIO> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(
      in.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
}

bool AddExtension(X509& x509, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &x509, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(&x509, extension.get(), -1) == 1;
}

// Not by X509V3_EXT_conf_nid: its language would read commas in a name.
bool AddName(GENERAL_NAMES& names, int type, const std::string& value) {
  GENERAL_NAME* name =
      a2i_GENERAL_NAME(nullptr, nullptr, nullptr, type, value.c_str(), 0);
  return name != nullptr && sk_GENERAL_NAME_push(&names, name) > 0;
}

bool AddNames(X509& x509, const CertificateRequest& request) {
  const Owned<GENERAL_NAMES> names(sk_GENERAL_NAME_new_null());
  for (const std::string& name : request.dns_names) {
    if (!AddName(*names, GEN_DNS, name)) return false;
  }
  for (const std::string& address : request.ip_addresses) {
    if (!AddName(*names, GEN_IPADD, address)) return false;
  }
  for (const std::string& uri : request.uris) {
    if (!AddName(*names, GEN_URI, uri)) return false;
  }
  return sk_GENERAL_NAME_num(names.get()) == 0 ||
         X509_add1_ext_i2d(&x509, NID_subject_alt_name, names.get(), 0, 0) == 1;
}

bool SetHead(X509& x509, const CertificateRequest& request) {
  std::array<unsigned char, 16> serial;
  if (RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) {
    return false;
  }
  serial[0] &= 0x7F;  // positive
  BIGNUM* number =
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(&x509));
  BN_free(number);
  ASN1_TIME_set(X509_getm_notBefore(&x509), absl::ToTimeT(request.not_before));
  ASN1_TIME_set(X509_getm_notAfter(&x509), absl::ToTimeT(request.not_after));
  return X509_set_version(&x509, X509_VERSION_3) == 1 &&
         X509_NAME_add_entry_by_txt(
             X509_get_subject_name(&x509), "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(request.name.c_str()), -1,
             -1, 0) == 1;
}

bool AddExtensions(X509& x509, X509& issuer,
                   const CertificateRequest& request) {
  using Use = CertificateRequest::Use;
  const bool authority = request.use == Use::kAuthority;
  const char* usage =
      authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  if (!AddExtension(x509, issuer, NID_basic_constraints,
                    authority ? "critical,CA:TRUE" : "critical,CA:FALSE") ||
      !AddExtension(x509, issuer, NID_key_usage, usage) ||
      !AddExtension(x509, issuer, NID_subject_key_identifier, "hash")) {
    return false;
  }
  if (!authority &&
      (!AddExtension(
           x509, issuer, NID_ext_key_usage,
           request.use == Use::kServer ? "serverAuth" : "clientAuth") ||
       !AddExtension(x509, issuer, NID_authority_key_identifier, "keyid"))) {
    return false;
  }
  return AddNames(x509, request);
}

}  // namespace

absl::StatusOr<IssuedCertificate> IssueCertificate(
    const CertificateRequest& request, const IssuedCertificate* issuer) {
  ERR_clear_error();
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> x509(X509_new());
  if (key == nullptr || x509 == nullptr || !SetHead(*x509, request) ||
      X509_set_pubkey(x509.get(), key.get()) != 1) {
    return Refused("its name, times or key");
  }
  Owned<X509> signer;
  Owned<EVP_PKEY> signing_key;
  if (issuer != nullptr) {
    signer = ReadCertificate(issuer->certificate_pem);
    signing_key = ReadKey(issuer->key_pem);
    if (signer == nullptr || signing_key == nullptr) {
      return Refused("the issuer's certificate or key does not parse");
    }
  }
  X509& by = signer == nullptr ? *x509 : *signer;
  X509_set_issuer_name(x509.get(), X509_get_subject_name(&by));
  if (!AddExtensions(*x509, by, request)) return Refused("its extensions");
  if (X509_sign(x509.get(),
                signing_key == nullptr ? key.get() : signing_key.get(),
                EVP_sha256()) == 0) {
    return Refused("its signature");
  }
  return IssuedCertificate{
      .certificate_pem =
          ToPem([&](BIO* out) { PEM_write_bio_X509(out, x509.get()); }),
      .key_pem = ToPem([&](BIO* out) {
        PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr);
      })};
}

}  // namespace gradmatch

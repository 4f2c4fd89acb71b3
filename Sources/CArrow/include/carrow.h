#pragma once
#ifdef __cplusplus
extern "C" {
#endif
int ca_placeholder(void);
#ifdef __cplusplus
}
#endif
